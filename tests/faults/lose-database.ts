import { expect } from 'vitest'
import { ownPostgres } from '../support/own-postgres.ts'
import { until } from '../support/poll.ts'
import { collectUntilDone } from './exchange.ts'
import { startLoad } from './load.ts'
import { setStage } from './stage.ts'

/** I9: how long until the hub takes documents again. */
const recoveryMostMs = 60_000

/**
 * R2. Under load the database is stopped at once (`pg_ctl -m immediate`) or killed, and started again, once for each
 * round; every expectation about it is held here.
 */
export async function loseDatabase(rounds: readonly ('stop' | 'kill')[]): Promise<void> {
  const postgres = await ownPostgres()
  const stage = await setStage({ url: postgres.url })
  try {
    const hub = await stage.start()
    const load = startLoad(hub, stage)
    for (const how of rounds) {
      await untilAccepted(stage.accepted.size + 9)
      const before = { https: load.refusals.https.length, sftp: load.refusals.sftp.length }
      await (how === 'stop' ? postgres.stopAtOnce() : postgres.kill())
      const ready = await until('/readyz says no', async () => {
        const response = await fetch(`${hub.http}/readyz`)
        return response.status === 503 ? response.status : null
      })
      expect(ready).toBe(503)
      expect((await fetch(`${hub.http}/healthz`)).status).toBe(200)
      const { https, sftp } = load.refusals
      await until(
        'both doors said no',
        () => (https.length > before.https && sftp.length > before.sftp ? true : null),
        recoveryMostMs,
      )
      await postgres.start()
      await untilAccepted(stage.accepted.size + 3)
    }
    await load.stop()
    await collectUntilDone(hub, stage.scene, {
      admin: stage.admin,
      documents: stage.accepted.size,
      mostMs: 120_000,
    })
    expect(hub.child.exitCode).toBeNull()
    expect(new Set(load.refusals.https.map(({ status, retryAfter }) => `${status} ${retryAfter}`))).toEqual(
      new Set(['503 10']),
    )
    expect(load.refusals.sftp.every(({ text }) => /CD-9\d{3}|failure/i.test(text))).toBe(true)
    expect(await stage.wrongs()).toEqual([])
    expect(stage.accepted.size).toBe(stage.generated.length)
  } finally {
    await stage.close()
    await postgres.remove()
  }

  async function untilAccepted(count: number): Promise<void> {
    await until(`${count} accepted`, () => (stage.accepted.size >= count ? true : null), recoveryMostMs)
  }
}
