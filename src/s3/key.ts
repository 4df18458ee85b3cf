import { Fault } from '../kit/fault.ts';

const LONGEST_KEY_BYTES = 1024;

/**
 * The full key of one relative to `prefix`. A key can neither leave the prefix nor name it twice; dot segments are refused
 * also when percent-encoded, because proxies in front of S3 decode them (P4, P5). `+`, `//` and Unicode stay as they are.
 */
export function keyWithin(prefix: string, key: string): string {
  if (key === '')
    throw new Fault('KEY_REFUSED', 'an S3 key is empty', { hint: 'name the object, without the prefix' });
  if (/^(?:s3|https?):\/\//i.test(key)) {
    throw new Fault('KEY_REFUSED', `${show(key)} is an address, not a key`, {
      hint: 'write what follows bucket and prefix, such as reports/report.pdf; only key_file takes an s3:// address',
    });
  }
  if (prefix !== '' && key.startsWith(prefix)) {
    throw new Fault('KEY_REFUSED', `key ${show(key)} repeats source.prefix ${show(prefix)}`, {
      hint: `keys are relative to the prefix: write ${show(key.slice(prefix.length))}`,
    });
  }
  return checked(prefix + key, key);
}

/** The full key of an `s3://bucket/key` address, which must be in this bucket and under this prefix. */
export function keyOfUri(uri: string, place: { bucket: string; prefix: string }): string {
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(uri) ?? [];
  if (bucket !== place.bucket) {
    throw new Fault('KEY_REFUSED', `${show(uri)} is not in bucket ${place.bucket}`, {
      hint: 'a resource posts from one bucket: source.s3.bucket',
    });
  }
  if (!key.startsWith(place.prefix) || key === place.prefix) {
    throw new Fault('KEY_REFUSED', `${show(uri)} is outside source.prefix ${show(place.prefix)}`, {
      hint: 'store the object under the prefix, or use a resource with another prefix',
    });
  }
  return checked(key, key);
}

function checked(full: string, given: string): string {
  if (!full.isWellFormed() || hasControl(full)) {
    throw new Fault('KEY_REFUSED', `key ${show(given)} holds control characters or broken Unicode`, {
      hint: 'a file that names a key must hold the key alone, as UTF-8 text',
    });
  }
  if (given.startsWith('/')) {
    throw new Fault('KEY_REFUSED', `key ${show(given)} begins with a slash`, {
      hint: 'write it without the first slash',
    });
  }
  if (leavesItsFolder(full) || leavesItsFolder(decoded(full))) {
    throw new Fault('KEY_REFUSED', `key ${show(given)} has a "." or ".." segment`, {
      hint: 'write the key in full; it cannot leave source.prefix',
    });
  }
  if (Buffer.byteLength(full) > LONGEST_KEY_BYTES) {
    throw new Fault('KEY_REFUSED', `key ${show(given)} is longer than ${LONGEST_KEY_BYTES} bytes`, {
      hint: 'S3 keys end there: shorten the name',
    });
  }
  return full;
}

function hasControl(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  return /[\u0000-\u001f\u007f]/.test(text);
}

function leavesItsFolder(path: string): boolean {
  return path.split(/[/\\]/).some((segment) => segment === '.' || segment === '..');
}

// Only what matters here: an escape elsewhere may be broken without keeping a proxy from decoding this one.
function decoded(text: string): string {
  return text.replace(/%2[ef]|%5c/gi, decodeURIComponent);
}

// What a wrong key_file holds may be long.
function show(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
