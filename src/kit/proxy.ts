import { BlockList, isIP } from 'node:net';

/**
 * The proxy for an origin by `http_proxy`, `https_proxy` and `no_proxy`, or undefined (C18). Read as Go, curl and so
 * Concourse itself read them: Node's own reading knows no address without a scheme, no network such as 10.0.0.0/8, and
 * takes a domain for itself alone. Throws when the variable is no address of an HTTP proxy; its value may hold a password.
 */
export function proxyFor(origin: string, env: NodeJS.ProcessEnv): string | undefined {
  const url = new URL(origin);
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const given = valueOf(name, env);
  if (given === '' || isExcluded(url, valueOf('no_proxy', env))) return undefined;
  const address = given.includes('://') ? given : `http://${given}`;
  if (URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)) return address;
  throw new Error(`the worker's ${name} is not the http or https address of a proxy`);
}

function valueOf(name: string, env: NodeJS.ProcessEnv): string {
  return (env[name] || env[name.toUpperCase()] || '').trim();
}

function isExcluded({ hostname, port, protocol }: URL, list: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  const ports = [port || (protocol === 'https:' ? '443' : '80'), ''];
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      if (entry.includes('/')) return isInNetwork(host, entry);
      const [, name = '', entryPort = ''] =
        /^\[?(.*?)\]?(?::(\d+))?$/.exec(isIP(entry) === 6 ? `[${entry}]` : entry) ?? [];
      return ports.includes(entryPort) && matches(host, name);
    });
}

function matches(host: string, entry: string): boolean {
  const domain = entry.replace(/^\*?\./, '');
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function isInNetwork(host: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/');
  const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
  if (isIP(host) === 0 || isIP(base) === 0 || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (isIP(base) === 6 ? 128 : 32)) return false;
  const inside = new BlockList();
  inside.addSubnet(base, Number(bits), family(base));
  return inside.check(host, family(host));
}
