import { BlockList, isIP } from "node:net";

/** Maps an IPv4 address written as IPv6 (`::ffff:192.0.2.1`) back, so that one caller has one spelling. */
export function plainAddress(address: string): string {
  return MAPPED.test(address) ? address.slice(7) : address;
}

const MAPPED = /^::ffff:\d+\.\d+\.\d+\.\d+$/i;

/** True for an address or a CIDR block: `10.0.0.0/8`, `192.0.2.1`, `2001:db8::/32`. */
export function isNetwork(text: string): boolean {
  const [, address, bits] = NETWORK.exec(text) ?? [];
  const family = address === undefined ? 0 : isIP(address);
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128));
}

const NETWORK = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i;

/** A set of addresses, from texts that {@link isNetwork} has accepted. */
export class Networks {
  readonly #list = new BlockList();
  /** BlockList costs a microsecond a look-up; a service has few peers. Bounded, for callers choose what they send. */
  readonly #known = new Map<string, boolean>();

  constructor(networks: readonly string[]) {
    for (const text of networks) {
      const [, address, bits] = NETWORK.exec(text)!;
      const type = isIP(address!) === 4 ? "ipv4" : "ipv6";
      if (bits === undefined) this.#list.addAddress(address!, type);
      else this.#list.addSubnet(address!, Number(bits), type);
    }
  }

  /** True when an address, as {@link plainAddress} gives it, is in the set. */
  has(address: string): boolean {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const family = isIP(address);
    const found = family !== 0 && this.#list.check(address, family === 4 ? "ipv4" : "ipv6");
    if (this.#known.size >= 1000) this.#known.clear();
    this.#known.set(address, found);
    return found;
  }
}
