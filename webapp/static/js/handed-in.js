// The receipt is here: what was kept for the form, should the page be opened anew, is not needed any more.

import { HANDING_IN, SESSION, read, remove } from "./keeping.js";
import { forgetForm } from "./uploads/remembered.js";

const handedIn = read(HANDING_IN, SESSION);
if (handedIn) {
  remove(handedIn.key);
  remove(HANDING_IN, SESSION);
  forgetForm(handedIn.form);
}
