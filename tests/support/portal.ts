import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import express from 'express'
import { systemClock } from '#hub/base/clock.ts'
import { createLog } from '#hub/base/log.ts'
import { formats } from '#hub/formats/index.ts'
import type { ChannelLogins } from '#hub/model/transport.ts'
import { jobQueue, startSender } from '#hub/queue/boss.ts'
import { withDeps } from '#hub/tools.ts'
import { apiRoutes } from '#portal/api/index.ts'
import { portalRoutes } from '#portal/index.ts'
import type { TestDatabase } from './database.ts'
import type { Seed } from './seed.ts'

export interface TestPortal {
  url: string
  /** Signs a person in and returns the cookie to send. */
  signIn(email: string, password: string): Promise<string>
  get(path: string, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

/** Portal and API on a free port of loopback. A bearer token of the API is the key of a seeded partner. */
export async function testPortal(database: TestDatabase, seeded: Seed): Promise<TestPortal> {
  const deps = {
    store: database.store,
    sealer: seeded.sealer,
    formats,
    clock: systemClock,
    log: createLog('error'),
  }
  const boss = await startSender(database.url, deps.log)
  const app = express()
  app.disable('x-powered-by')
  app.set('query parser', 'simple')
  app.use(
    apiRoutes({
      ...deps,
      logins: seededLogins(seeded),
      queue: jobQueue(boss),
      configuration: (work) => withDeps(deps, work),
    }),
  )
  app.use(portalRoutes({ ...deps, publicUrl: null }))
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(url + path, { headers, redirect: 'manual' })
  return {
    url,
    get,
    signIn: async (email, password) => {
      const body = new URLSearchParams({ email, password })
      const answer = await fetch(`${url}/sign-in`, { method: 'POST', body, redirect: 'manual' })
      return (answer.headers.get('set-cookie') ?? '').split(';')[0]!
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await boss.stop({ graceful: false })
    },
  }
}

function seededLogins(seeded: Seed): ChannelLogins {
  return {
    byPassword: async () => null,
    byPublicKey: async () => null,
    byToken: async (token) => {
      const partner = seeded.partners[token as keyof Seed['partners']]
      if (partner === undefined) return null
      const { id: partnerId, channelId } = partner
      return {
        id: channelId,
        partnerId,
        key: 'main',
        kind: 'https',
        env: 'live',
        peerDedupes: false,
        settings: {},
      }
    },
  }
}
