/**
 * The region that the host of an API names: `abc.execute-api.eu-west-1.amazonaws.com`, or a VPC endpoint's
 * `vpce-0a.execute-api.eu-west-1.vpce.amazonaws.com`; undefined for custom domains.
 */
export function regionOfHost(host: string): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?(?::\d+)?$/i
    .exec(host)?.[1]
    ?.toLowerCase();
}
