// A place to draw a signature. Its points go to the server as numbers in a hidden input; the name below
// can be typed instead.

const LEAST_STEP = 3; // units between two points
const LINE = 4; // units

function read(text) {
  if (!text) return [];
  return text.split(";").map((stroke) => stroke.split(" ").map((pair) => pair.split(",").map(Number)));
}

function write(strokes) {
  return strokes.map((stroke) => stroke.map((point) => point.join(",")).join(" ")).join(";");
}

function begin(place) {
  const { width, height, mostPoints, drawn, cleared } = place.dataset;
  const canvas = place.querySelector("canvas");
  const input = place.querySelector("input[type=hidden]");
  const news = place.querySelector("[role=status]");
  const pen = canvas.getContext("2d");
  let strokes = read(input.value);
  let active = null; // the pointer that draws

  function draw() {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = LINE;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      for (const point of stroke) pen.lineTo(...point);
      pen.stroke();
    }
  }

  function pointOf(event) {
    const box = canvas.getBoundingClientRect();
    const x = ((event.clientX - box.left - canvas.clientLeft) / canvas.clientWidth) * width;
    const y = ((event.clientY - box.top - canvas.clientTop) / canvas.clientHeight) * height;
    const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most));
    return [within(x, width), within(y, height)];
  }

  function add(event) {
    const stroke = strokes.at(-1);
    const [x, y] = pointOf(event);
    const [lastX, lastY] = stroke.at(-1);
    if (Math.hypot(x - lastX, y - lastY) < LEAST_STEP || strokes.flat().length >= mostPoints) return;
    stroke.push([x, y]);
  }

  function keep() {
    input.value = write(strokes);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function clear() {
    strokes = [];
    draw();
    keep();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (active !== null || event.button !== 0 || strokes.flat().length >= mostPoints) return;
    event.preventDefault();
    active = event.pointerId;
    canvas.setPointerCapture(active);
    strokes.push([pointOf(event)]);
    draw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== active) return;
    const steps = event.getCoalescedEvents?.() ?? [];
    for (const step of steps.length ? steps : [event]) add(step);
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, (event) => {
      if (event.pointerId !== active) return;
      active = null;
      keep();
      news.textContent = drawn;
    });
  }
  place.querySelector(".sign-here button").addEventListener("click", () => {
    clear();
    news.textContent = cleared;
  });
  input.form?.addEventListener("reset", clear);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  place.querySelector(".sign-here").hidden = false;
  place.querySelector("[data-without]").hidden = true;
  place.querySelector("[data-with]").hidden = false;
  draw();
}

for (const place of document.querySelectorAll("[data-signature]")) begin(place);
