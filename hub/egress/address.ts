import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'

/** Networks that the operator lets one channel reach although they are not public: `127.0.0.1/32`, `fd00::/8`. */
export const allowAddressesSchema = z
  .array(z.string().refine((text) => ipaddr.isValidCIDR(text), 'expected a network such as 10.1.0.0/16'))
  .max(64)

export interface AddressVerdict {
  /** The kind of range, as in the registries of RFC 6890: `unicast`, `loopback`, `private`, `ipv4Mapped` … */
  range: string
  /** Whether the hub may connect to it. */
  admitted: boolean
  /** Whether it is admitted because the operator named it. */
  named: boolean
}

/** Global unicast, RFC 4291 §2.4 as assigned by IANA; whatever lies outside reaches no partner. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Judges a numeric address. Only public unicast is admitted, and what `allowAddresses` names: never by the text, so that
 * another spelling of 127.0.0.1 gains nothing. Addresses that carry an IPv4 address (mapped, NAT64, 6to4, Teredo,
 * compatible) are refused also where the inner one is public, because they lead through gateways the hub knows nothing of.
 */
export function judgeAddress(address: string, allowAddresses: readonly string[]): AddressVerdict {
  if (isIP(address) === 0) return { range: 'invalid', admitted: false, named: false }
  // the zone of fe80::1%eth0 says nothing about the range
  const parsed = ipaddr.parse(address.replace(/%.*$/, ''))
  const range = rangeOf(parsed)
  const plain =
    parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed
  const named = allowAddresses.some((network) => contains(network, plain))
  return { range, admitted: named || range === 'unicast', named }
}

function rangeOf(parsed: ipaddr.IPv4 | ipaddr.IPv6): string {
  const range = parsed.range()
  if (parsed instanceof ipaddr.IPv4 || range !== 'unicast') return range
  return parsed.match(globalUnicast) ? range : 'reserved'
}

function contains(network: string, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (!ipaddr.isValidCIDR(network)) return false
  const [base, bits] = ipaddr.parseCIDR(network)
  if (base.kind() !== address.kind()) return false
  return address.match(base, bits)
}
