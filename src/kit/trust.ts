import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The CAs to trust when there are more than Node's own, else undefined. Concourse mounts the worker's certificates over
 * /etc/ssl/certs and Node does not look there (C18). SSL_CERT_FILE, SSL_CERT_DIR and NODE_EXTRA_CA_CERTS are honoured.
 */
export function trustedCertificates(env: NodeJS.ProcessEnv): string[] | undefined {
  const known = new Set(tls.rootCertificates.map(body));
  const extra = new Map<string, string>();
  for (const file of certificateFiles(env)) {
    for (const pem of readText(file).match(PEM) ?? []) if (!known.has(body(pem))) extra.set(body(pem), pem);
  }
  return extra.size > 0 ? [...tls.rootCertificates, ...extra.values()] : undefined;
}

function certificateFiles(env: NodeJS.ProcessEnv): string[] {
  const folder = env['SSL_CERT_DIR'] || '/etc/ssl/certs';
  const named = [env['SSL_CERT_FILE'], env['NODE_EXTRA_CA_CERTS']];
  const all = [...named, ...listFolder(folder).map((name) => join(folder, name))];
  return all.filter((file): file is string => file !== undefined && file !== '');
}

// Hash-named links (`5ed36f99.0`) repeat files that stand beside them; they are read only where nothing else is there.
function listFolder(folder: string): string[] {
  try {
    const names = readdirSync(folder);
    const plain = names.filter((name) => /\.(?:crt|pem|cer)$/.test(name));
    return plain.length > 0 ? plain : names;
  } catch {
    return [];
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function body(pem: string): string {
  return pem.replace(/-----[A-Z ]+-----|\s/g, '');
}
