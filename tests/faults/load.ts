import type SftpClient from 'ssh2-sftp-client'
import type { HubProcess } from '../support/hub-process.ts'
import type { Order } from './orders.ts'
import { openMailbox, post, put, type Said } from './scene.ts'
import type { Stage } from './stage.ts'

/** Senders that go on sending, each order until the hub says yes, by HTTPS and into the mailbox. */
export interface Load {
  /** Every answer that was not yes, by HTTPS and by SFTP (over sessions that stand). */
  refusals: { https: Said[]; sftp: Said[] }
  /** Ends when each sender got its last order accepted. */
  stop(): Promise<void>
}

export function startLoad(hub: HubProcess, stage: Stage, senders = { https: 3, sftp: 2 }): Load {
  const refusals: Load['refusals'] = { https: [], sftp: [] }
  let going = true
  const sendOn = async (kind: Order['kind'], attempt: (order: Order) => Promise<Said>): Promise<void> => {
    while (going) {
      const [order] = stage.orders(1, kind) as [Order]
      for (;;) {
        const said = await attempt(order)
        if (said.yes) break
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      stage.accepted.add(order)
    }
  }
  const byHttps = async (order: Order): Promise<Said> => {
    const said = await post(hub, stage.scene.token, order)
    if (!said.yes) refusals.https.push(said)
    return said
  }
  const bySftp = (): ((order: Order) => Promise<Said>) => {
    let session: SftpClient | null = null
    return async (order) => {
      try {
        session ??= await openMailbox(hub, 'retailer')
      } catch (error) {
        return { yes: false, status: null, retryAfter: null, text: String(error) }
      }
      const said = await put(session, order)
      if (said.yes) return said
      refusals.sftp.push(said)
      if (said.status === null) {
        await session.end().catch(() => {})
        session = null
      }
      return said
    }
  }
  const running = [
    ...Array.from({ length: senders.https }, (_, place) => sendOn(place % 2 === 0 ? 'xml' : 'json', byHttps)),
    ...Array.from({ length: senders.sftp }, () => sendOn('edifact', bySftp())),
  ]
  return {
    refusals,
    stop: async () => {
      going = false
      await Promise.all(running)
    },
  }
}
