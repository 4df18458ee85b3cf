import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The file of the private CA that signed `serverTls`: for NODE_EXTRA_CA_CERTS, or a folder of certificates. */
export const caFile: string = fileURLToPath(new URL('./tls/ca.pem', import.meta.url));

/** The same CA as PEM text. */
export const caPem: string = readFileSync(caFile, 'utf8');

/** Key and certificate of a server on localhost, 127.0.0.1 and ::1, valid 2020 to 2076; the CA's key is gone. */
export const serverTls: { readonly key: string; readonly cert: string } = {
  key: readFileSync(new URL('./tls/localhost.key.pem', import.meta.url), 'utf8'),
  cert: readFileSync(new URL('./tls/localhost.pem', import.meta.url), 'utf8'),
};
