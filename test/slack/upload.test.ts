import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/kit/fault.ts';
import type { SizedStream } from '../../src/kit/http.ts';
import { uploadBytes } from '../../src/slack/upload.ts';
import type { UploadFile } from '../../src/slack/upload.ts';
import type { SlackFault } from '../fakes/slack/fault.ts';
import { listen } from '../fakes/http/listen.ts';
import { withSlack } from '../support/slack-in-process.ts';
import type { SlackInProcess } from '../support/slack-in-process.ts';

const BYTES = Buffer.alloc(300_000, 'report');
const SILENCE_MS = 1500;

function fileOf(
  stream: () => Readable = () => Readable.from([BYTES]),
  more: Partial<SizedStream> = {},
): UploadFile {
  return {
    name: 'report.pdf',
    size: BYTES.length,
    open: () => Promise.resolve({ stream: stream(), length: BYTES.length, ...more }),
  };
}

/** Answers as the workspace does, but names another upload address. */
function naming(ports: SlackInProcess, uploadUrl: string): SlackInProcess {
  const call = () => Promise.resolve({ ok: true, upload_url: uploadUrl, file_id: 'F0000000001' });
  return { ...ports, slack: { call } };
}

describe('uploadBytes', () => {
  it('sends raw bytes with their length (S2), and no token to the upload host (S1)', () =>
    withSlack(async (ports) => {
      const requests: unknown[] = [];
      const http = (request: Parameters<typeof ports.http>[0]) => {
        requests.push(request.headers);
        return ports.http(request);
      };
      const id = await uploadBytes(fileOf(), { ...ports, http });
      expect(ports.fake.files()).toMatchObject([{ id, received: BYTES.length, multipart: false }]);
      expect(ports.fake.files()[0]?.content?.equals(BYTES)).toBe(true);
      expect(requests).toEqual([{ 'content-type': 'application/octet-stream' }]);
    }));

  it('gives Slack the name and the size only: alt_txt would keep the file from being shown (S7)', () =>
    withSlack(async (ports) => {
      await uploadBytes(fileOf(), ports);
      expect(ports.fake.calls[0]?.args).toEqual({ filename: 'report.pdf', length: String(BYTES.length) });
    }));

  it('tells every five seconds how far a long upload is', () =>
    withSlack(async (ports) => {
      const parts = [0, 1, 2].map((part) => BYTES.subarray(part * 100_000, (part + 1) * 100_000));
      let now = 0;
      // 2.6 s pass with each look at the clock: at the start, and with each chunk.
      const clock = { ...ports.clock, now: () => (now += 2600) };
      await uploadBytes(
        fileOf(() => Readable.from(parts)),
        { ...ports, clock },
      );
      expect(ports.lines).toEqual(['uploading report.pdf: 195 KB of 293 KB (66 %)']);
    }));

  it('reads no further than Slack takes it (S2)', () =>
    withSlack(
      async (ports) => {
        let made = 0;
        const endless = () =>
          new Readable({
            read() {
              made += 65_536;
              this.push(Buffer.alloc(65_536));
            },
          });
        const length = 1024 ** 3;
        ports.fake.fault('upload-bytes', 'stall', 3);
        const file: UploadFile = {
          name: 'big.iso',
          size: length,
          open: () => Promise.resolve({ stream: endless(), length }),
        };
        await expect(uploadBytes(file, ports)).rejects.toMatchObject({ code: 'SLACK_FAILED' });
        expect(made).toBeLessThan(3 * 32 * 1024 ** 2);
      },
      { idleMs: SILENCE_MS },
    ));

  it('tells every five seconds how far a long upload is', () =>
    withSlack(async (ports) => {
      const halves = () =>
        Readable.from(
          (async function* () {
            yield BYTES.subarray(0, 150_000);
            await ports.clock.sleep(5000);
            yield BYTES.subarray(150_000);
          })(),
        );
      await uploadBytes(fileOf(halves), ports);
      expect(ports.lines).toEqual(['uploading report.pdf: 293 KB of 293 KB (100 %)']);
    }));
});

describe('an upload that breaks off', () => {
  it.each<SlackFault>(['reset', 'lost', 'hang', 'stall', { http: 500 }, { http: 403 }])(
    'by %j starts again from the first byte, with a new address',
    (fault) =>
      withSlack(
        async (ports) => {
          ports.fake.fault('upload-bytes', fault);
          const id = await uploadBytes(fileOf(), ports);
          const last = ports.fake.files().find((file) => file.id === id);
          expect(last).toMatchObject({ received: BYTES.length });
          expect(ports.fake.count('files.getUploadURLExternal')).toBe(2);
          expect(ports.lines).toEqual([
            expect.stringMatching(/^upload of report\.pdf broke off \(.+\), trying again$/),
          ]);
        },
        { idleMs: SILENCE_MS },
      ),
  );

  it('each time is given up after three times, with one clear line', () =>
    withSlack(async (ports) => {
      ports.fake.fault('upload-bytes', { http: 500 }, 9);
      await expect(uploadBytes(fileOf(), ports)).rejects.toMatchObject({
        code: 'SLACK_FAILED',
        message: 'upload of report.pdf failed: HTTP 500',
        hint: 'nothing was posted: run the step again, or post a link instead (as: link)',
      });
      expect(ports.fake.count('upload-bytes')).toBe(3);
    }));

  it('because reading broke off is the fault of whom the bytes came from, not Slack (P15)', () =>
    withSlack(async (ports) => {
      let opened = 0;
      const breaking = () => {
        opened += 1;
        return Readable.from(
          (async function* () {
            yield BYTES.subarray(0, 100_000);
            throw await Promise.resolve(new Error('aborted'));
          })(),
        );
      };
      const fault = new Fault('S3_FAILED', 'reading broke off');
      const file = fileOf(breaking, { unreadable: () => fault });
      await expect(uploadBytes(file, ports)).rejects.toBe(fault);
      expect(opened).toBe(3);
    }));

  it('leaves no connection open when Slack refuses before the last byte', () =>
    withSlack(async (ports) => {
      let open = 0;
      const refusing = await listen((req, res) => {
        open += 1;
        req.socket.once('close', () => (open -= 1));
        res.writeHead(413).end('too large');
      });
      const unfinished = () => {
        const stream = new Readable({ read: () => undefined });
        stream.push(BYTES.subarray(0, 100_000));
        return stream;
      };
      await expect(
        uploadBytes(fileOf(unfinished), naming(ports, `${refusing.origin}/upload`)),
      ).rejects.toMatchObject({
        message: 'upload of report.pdf failed: HTTP 413',
      });
      await expect.poll(() => open).toBe(0);
      await refusing.close();
    }));

  it('ends with the step', () =>
    withSlack(async (ports) => {
      ports.fake.fault('upload-bytes', 'stall');
      const upload = uploadBytes(fileOf(), ports);
      await expect.poll(() => ports.fake.bytesUploaded).toBeGreaterThan(0);
      const reason = new Error('stopped by SIGTERM');
      ports.stop(reason);
      await expect(upload).rejects.toBe(reason);
      expect(ports.fake.count('upload-bytes')).toBe(1);
    }));
});

describe('the upload address', () => {
  it.each([
    ['another host', 'https://files.example.com/upload/v1/x', 'another host: files.example.com'],
    ['a host that only ends like Slack’s', 'https://evilslack.com/x', 'another host: evilslack.com'],
    ['Slack without TLS', 'http://files.slack.com/x', 'another host: files.slack.com'],
    ['no address at all', 'not an address', 'Slack named no upload address'],
  ])('is not believed when it names %s', (_, address, message) =>
    withSlack(async (ports) => {
      await expect(uploadBytes(fileOf(), naming(ports, address))).rejects.toMatchObject({
        code: 'SLACK_FAILED',
        message: expect.stringContaining(message),
      });
      expect(ports.fake.count()).toBe(0);
    }),
  );
});
