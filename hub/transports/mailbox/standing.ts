import type { CodeName } from '#hub/model/codes/index.ts'
import type { Channel, ChannelLogins } from '#hub/model/transport.ts'

/** How long an answer stands before it is asked for again. */
const standsMs = 1_000

/**
 * Whether a session may still do what its log-in allowed: not once its channel is suspended or its credential revoked or
 * past its day. Asked at most once a second; a no stays a no.
 */
export class Standing {
  readonly #ask: () => Promise<CodeName | null>
  #refused: CodeName | null = null
  #askedMs = Number.NEGATIVE_INFINITY
  #asking: Promise<CodeName | null> | null = null

  constructor(logins: ChannelLogins, channel: Channel) {
    this.#ask = () => logins.stillAllowed?.(channel) ?? Promise.resolve(null)
  }

  /** Null, or the code that the session ends with. Throws what the question to the log-ins throws. */
  async refusal(): Promise<CodeName | null> {
    if (this.#refused !== null) return this.#refused
    if (performance.now() - this.#askedMs < standsMs) return null
    this.#asking ??= this.#look().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #look(): Promise<CodeName | null> {
    const startedMs = performance.now()
    this.#refused = await this.#ask()
    this.#askedMs = startedMs
    return this.#refused
  }
}
