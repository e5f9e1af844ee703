// One upload by tus-js-client, as the test's JSON argument says; prints JSON lines of what happened.
//
// {endpoint, file, metadata, chunkSize, storage, stopAt, terminate, modules}
// storage: a file that remembers URLs between runs; stopAt: bytes after which this process ends at
// once; terminate: bytes after which the upload is removed from the server.

import { createReadStream, statSync } from 'node:fs';
import { createRequire } from 'node:module';

const task = JSON.parse(process.argv[2]);
const tus = createRequire(`${task.modules}/`)('tus-js-client');
const say = (said) => process.stdout.write(`${JSON.stringify(said)}\n`);

const upload = new tus.Upload(createReadStream(task.file), {
  endpoint: task.endpoint,
  metadata: task.metadata,
  chunkSize: task.chunkSize,
  uploadSize: statSync(task.file).size,
  uploadDataDuringCreation: Boolean(task.withCreation),
  retryDelays: Array(40).fill(250),
  ...(task.storage && { urlStorage: new tus.FileUrlStorage(task.storage) }),
  onAfterResponse: (request, answer) =>
    say({ method: request.getMethod(), status: answer.getStatus(), url: upload.url }),
  onError: (error) => {
    say({ error: error.message, status: error.originalResponse?.getStatus() ?? null });
    process.exit(1);
  },
  onSuccess: () => {
    say({ done: upload.url });
    process.exit(0);
  },
  onChunkComplete: (_, accepted) => {
    if (task.stopAt && accepted >= task.stopAt) process.exit(3);
    if (task.terminate && accepted >= task.terminate) {
      upload.abort(true).then(
        () => process.exit(4),
        (error) => say({ error: error.message }),
      );
    }
  },
});

const previous = task.storage ? await upload.findPreviousUploads() : [];
say({ previous: previous.length });
if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
upload.start();
