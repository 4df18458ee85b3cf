import type { Readable } from 'node:stream';
import { createSigner, sha256Hex, UNSIGNED_PAYLOAD } from '../aws/sigv4.ts';
import type { Credentials } from '../aws/sigv4.ts';
import { xmlText } from '../aws/xml.ts';
import type { Clock } from '../kit/clock.ts';
import type { Fault } from '../kit/fault.ts';
import { HttpFailure, readText } from '../kit/http.ts';
import type { Http, HttpRequest, HttpResponse, SizedStream } from '../kit/http.ts';
import { isRetryable, retrying } from '../kit/retry.ts';
import { brokenOff, refusalOf, unreachable } from './refusal.ts';
import { objectTarget } from './target.ts';
import type { BucketAddress } from './target.ts';

/** What S3 says of an object without its bytes. */
export interface ObjectHead {
  readonly size: number;
  readonly contentType: string | undefined;
}

export interface ObjectBytes {
  readonly stream: Readable;
  readonly size: number;
  readonly unreadable: (cause: Error) => Fault;
}

/** The objects of one bucket, read and written with requests we sign ourselves. */
export interface Objects {
  /** Size and type. Faults: S3_NOT_FOUND, S3_REFUSED, S3_EXPIRED, S3_FAILED, S3_UNREACHABLE. */
  head(key: string, versionId?: string): Promise<ObjectHead>;
  /** The bytes as a stream, with their number, and the Fault for a stream that breaks off. */
  get(key: string, versionId?: string): Promise<ObjectBytes>;
  /**
   * Stores one object of at most 5 GiB; `open` is called again for each attempt. A bucket with Object Lock wants its
   * SHA-256, in base64.
   */
  put(key: string, type: string, open: () => SizedStream, sha256?: string): Promise<void>;
}

export interface ObjectsPorts {
  readonly http: Http;
  readonly clock: Clock;
  readonly credentials: Credentials;
  readonly signal?: AbortSignal | undefined;
}

interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: () => SizedStream;
}

/** Opens a bucket. GET and HEAD are retried, so is PUT, whose bytes are the same each time. */
export function openBucket(address: BucketAddress, ports: ObjectsPorts): Objects {
  const signer = createSigner(ports.credentials);

  const send = async (call: Call): Promise<HttpResponse> => {
    const target = objectTarget(address, call.key);
    const query: [string, string][] = call.versionId ? [['versionId', call.versionId]] : [];
    const payloadHash = call.body ? UNSIGNED_PAYLOAD : sha256Hex('');
    const headers = signer.sign(
      {
        method: call.method,
        host: target.host,
        path: target.path,
        query,
        headers: call.headers ?? {},
        payloadHash,
      },
      { region: address.region, service: 's3' },
      ports.clock.now(),
    );
    const search = call.versionId ? `?versionId=${encodeURIComponent(call.versionId)}` : '';
    const body = call.body?.();
    const request: HttpRequest = {
      method: call.method,
      origin: target.origin,
      path: target.path + search,
      headers,
      signal: ports.signal,
      ...(body && { body }),
    };
    return ports.http(request).catch((error: unknown) => {
      throw unreadableOf(error, body) ?? error;
    });
  };

  const attempt = async (call: Call): Promise<HttpResponse> => {
    const response = await retrying(() => send(call), {
      clock: ports.clock,
      signal: ports.signal,
      again: (failure) => failure instanceof HttpFailure && !failure.timedOut,
      againAfter: (answer) => isRetryable(answer.status),
      discard: (answer) => answer.body.resume(),
    }).catch((error: unknown) => {
      throw unreachable(error, address);
    });
    if (response.status === 200) {
      // A portal or a wrong endpoint may answer 200 with a page; every S3 sends an ETag, and the length of what it holds.
      const { etag, 'content-length': length } = response.headers;
      if (etag !== undefined && (length !== undefined || call.method === 'PUT')) return response;
      response.body.destroy();
      throw refusalOf({ status: 200, code: 'NotS3' }, call, address);
    }
    throw refusalOf(await readRefusal(response, call), call, address);
  };

  // A HEAD answer has no body, so no error code: the same question as GET of one byte tells why (P10), and whether object
  // or bucket is missing.
  const readRefusal = async (response: HttpResponse, call: Call) => {
    let told = response;
    if (call.method === 'HEAD') {
      response.body.resume();
      told = await send({ ...call, method: 'GET', headers: { range: 'bytes=0-0' } }).catch(() => response);
    }
    const xml =
      told === response && call.method === 'HEAD' ? '' : await readText(told, 65_536).catch(() => '');
    const header = response.headers['x-amz-bucket-region'];
    return {
      status: response.status,
      code: xmlText(xml, 'Code'),
      region: typeof header === 'string' ? header : xmlText(xml, 'Region'),
    };
  };

  return {
    async head(key, versionId) {
      const response = await attempt({ method: 'HEAD', key, versionId });
      response.body.resume();
      return { size: lengthOf(response), contentType: response.headers['content-type'] };
    },
    async get(key, versionId) {
      const response = await attempt({ method: 'GET', key, versionId });
      const unreadable = (cause: Error) => brokenOff(cause, key, address);
      return { stream: response.body, size: lengthOf(response), unreadable };
    },
    async put(key, type, open, sha256) {
      const checksum = sha256 === undefined ? {} : { 'x-amz-checksum-sha256': sha256 };
      const headers = { 'content-type': type, ...checksum };
      const response = await attempt({ method: 'PUT', key, headers, body: open });
      response.body.resume();
    },
  };
}

// Bytes that could not be read are not S3's doing.
function unreadableOf(failure: unknown, body: SizedStream | undefined): Fault | undefined {
  const broken = body?.stream.errored;
  return broken && failure instanceof HttpFailure && failure.cause === broken
    ? body.unreadable?.(broken)
    : undefined;
}

function lengthOf(response: HttpResponse): number {
  return Number(response.headers['content-length']);
}
