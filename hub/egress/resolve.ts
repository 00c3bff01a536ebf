import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { HubError } from '#hub/model/errors.ts'
import { judgeAddress } from './address.ts'

/** All addresses of a name; rejects where there are none. The operating system's resolver, unless a test brings its own. */
export type ResolveName = (host: string) => Promise<readonly string[]>

/** Who may be reached, beyond the public network. */
export interface EgressPolicy {
  /** Networks in CIDR notation, from the channel's settings. */
  allowAddresses: readonly string[]
}

export interface CheckedAddress {
  address: string
  /** Whether the operator named it; plain HTTP goes only to such. */
  named: boolean
}

export const systemResolve: ResolveName = async (host) => {
  const answers = await lookup(host, { all: true, verbatim: true })
  return answers.map((answer) => answer.address)
}

/**
 * Resolves a name once and judges every answer: one bad address refuses the name, since whoever mixes a private
 * address among public ones is probing. Returns the addresses to connect to, which are never resolved again.
 * Throws HubError `addressRefused`, or `connectFailed` where the name has no address.
 */
export async function checkedAddresses(
  host: string,
  policy: EgressPolicy,
  resolve: ResolveName,
): Promise<CheckedAddress[]> {
  const name = plainName(host)
  const answers = isIP(name) === 0 ? await answersOf(name, resolve) : [name]
  return answers.map((address) => {
    const verdict = judgeAddress(address, policy.allowAddresses)
    if (!verdict.admitted) {
      throw new HubError('addressRefused', `${name} resolves to ${address} (${verdict.range})`, {
        detail: { host: name, address, range: verdict.range },
      })
    }
    return { address, named: verdict.named }
  })
}

/** A host without the brackets of an IPv6 address and without the dot that ends an absolute name. */
export function plainName(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
}

async function answersOf(name: string, resolve: ResolveName): Promise<readonly string[]> {
  let answers: readonly string[]
  try {
    answers = await resolve(name)
  } catch (error) {
    throw new HubError('connectFailed', `the name ${name} could not be resolved`, {
      detail: { host: name },
      cause: error,
    })
  }
  if (answers.length === 0) throw new HubError('connectFailed', `the name ${name} has no address`)
  return answers
}
