import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { limits } from '#hub/base/limits.ts'
import { HubError } from '#hub/model/errors.ts'
import type { PartnerId, PersonId } from '#hub/model/ids.ts'
import type { Store } from '#hub/store/connect.ts'
import { asPartner } from '#hub/store/transaction.ts'
import { findPersonByEmail } from '../store/person.ts'
import { unknownPersonHash, verifyPassword } from './password.ts'

export interface SignInAttempt {
  email: string
  password: string
  address: string
}

export interface SignInPerson {
  id: PersonId
  partnerId: PartnerId | null
}

/** Seconds to wait after too many tries. */
export interface TooMany {
  tooMany: number
}

/**
 * Checks an e-mail address and a password. Unknown people, disabled ones and wrong passwords are answered alike and take
 * as long. Five tries in fifteen minutes for a person from one address, fifty for an address. Throws HubError
 * `signInFailed`.
 */
export function createSignIn(store: Store) {
  const duration = limits.signInMinutes * 60
  const perPerson = new RateLimiterMemory({ points: limits.signInTries, duration })
  const perAddress = new RateLimiterMemory({ points: limits.signInTriesPerAddress, duration })
  return async (attempt: SignInAttempt): Promise<SignInPerson | TooMany> => {
    const email = attempt.email.trim().toLowerCase().slice(0, 254)
    const key = `${email} ${attempt.address}`
    try {
      await perAddress.consume(attempt.address)
      await perPerson.consume(key)
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      return { tooMany: Math.ceil(refused.msBeforeNext / 1000) }
    }
    const person = await asPartner(store.portal, '*', (client) => findPersonByEmail(client, email))
    const hash = person?.passwordHash ?? (await unknownPersonHash())
    const right = await verifyPassword(hash, attempt.password.slice(0, 1000))
    if (person === null || !right || person.disabledAt !== null) throw new HubError('signInFailed')
    await perPerson.delete(key)
    return { id: person.id, partnerId: person.partnerId }
  }
}
