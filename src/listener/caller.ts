import { createHash, timingSafeEqual } from 'node:crypto';
import type { TokenConfig } from './config/config.ts';

/** The token that an `authorization: Bearer …` header holds. Compares with every one, in constant time. */
export function holderOf(
  header: string | undefined,
  tokens: readonly TokenConfig[],
): TokenConfig | undefined {
  const given = /^Bearer ([!-~]{1,1000})$/i.exec(header ?? '')?.[1];
  if (given === undefined) return undefined;
  const hash = createHash('sha256').update(given).digest();
  let holder: TokenConfig | undefined;
  for (const token of tokens)
    for (const own of token.hashes()) if (timingSafeEqual(own, hash)) holder = token;
  return holder;
}
