import { BlockList, isIP, isIPv6 } from 'node:net';

export interface Remote {
  /** The caller's address: behind trusted proxies the one they name. */
  readonly address: string;
  /** Whether the request came over TLS as far as can be known, or never left this machine. */
  readonly secure: boolean;
}

type Header = string | string[] | undefined;

/** Makes the function that tells who asks, from the socket's address and what trusted proxies say; others' words are ignored. */
export function createRemoteOf(trusted: readonly string[]) {
  const proxies = new BlockList();
  for (const entry of trusted) {
    const [address = '', bits] = entry.split('/');
    if (bits === undefined) proxies.addAddress(address, family(address));
    else proxies.addSubnet(address, Number(bits), family(address));
  }
  const isProxy = (address: string) => isIP(address) !== 0 && proxies.check(address, family(address));

  return (socketAddress: string | undefined, forwardedFor: Header, forwardedProto: Header): Remote => {
    const peer = plain(socketAddress ?? '');
    if (!isProxy(peer)) return { address: peer, secure: isLoopback(peer) };
    const named = wordsOf(forwardedFor).map(plain);
    // Each proxy adds who asked it at the end: the last one that is no proxy of ours is the caller.
    const address = named.findLast((one) => !isProxy(one)) ?? named[0] ?? peer;
    return {
      address: isIP(address) === 0 ? peer : address,
      secure: wordsOf(forwardedProto).at(-1) === 'https',
    };
  };
}

/** What a limit counts as one caller: of IPv6 a whole /64, which one person commonly has. */
export function callerOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - front.length - back.length }, () => '0');
  return `${[...front, ...zeros, ...back].slice(0, 4).join(':')}::/64`;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^127(?:\.\d+){3}$/.test(address);
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

function wordsOf(header: Header): string[] {
  return [header ?? []]
    .flat()
    .join(',')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');
}
