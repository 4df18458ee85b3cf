// The least a Node program can do to move an object: one GET piped into one POST. node plain-pipe.mjs <get> <post>
import http from 'node:http';

const [, , from, to] = process.argv;

http.get(from, (source) => {
  const headers = { 'content-length': source.headers['content-length'] };
  const target = http.request(to, { method: 'POST', headers }, (answer) => {
    answer.resume();
    process.exitCode = answer.statusCode === 200 ? 0 : 1;
  });
  source.pipe(target);
});
