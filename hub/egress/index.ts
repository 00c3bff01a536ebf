import type { Socket } from 'node:net'
import { callbackify } from 'node:util'
import { Agent } from 'undici'
import { limits } from '#hub/base/limits.ts'
import { connectChecked } from './connect.ts'
import { callHttp, type HttpAnswer, type HttpCall } from './http.ts'
import { systemResolve, type EgressPolicy, type ResolveName } from './resolve.ts'

export { allowAddressesSchema, judgeAddress } from './address.ts'
export type { HttpAnswer, HttpCall } from './http.ts'
export type { EgressPolicy, ResolveName } from './resolve.ts'

/** The only way out of the hub: every outbound socket is opened here, to an address that was checked. */
export interface Egress {
  /**
   * One HTTP call. `owner` (a channel's id) keeps connections of different channels apart. No redirect is followed and no proxy
   * variable is read. Plain HTTP goes only to addresses the operator named. Throws HubError `connectFailed` or
   * `addressRefused` (nothing was sent) or `answerLost` (it may have arrived).
   */
  http(owner: string, policy: EgressPolicy, call: HttpCall): Promise<HttpAnswer>
  /** A connected TCP socket. Throws HubError `connectFailed` or `addressRefused`. */
  connectTcp(host: string, port: number, policy: EgressPolicy, signal?: AbortSignal): Promise<Socket>
  close(): Promise<void>
}

export interface EgressOptions {
  resolve?: ResolveName
  /** Certificate authorities to trust instead of the system's, in PEM. */
  ca?: readonly string[]
  connectMs?: number
}

/** Opens the way out; one for the process. `resolve` is the system's resolver unless a test brings its own. */
export function createEgress(options: EgressOptions = {}): Egress {
  const agents = new Map<string, Agent>()
  const connectOptions = (policy: EgressPolicy) => ({
    policy,
    resolve: options.resolve ?? systemResolve,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    ...(options.connectMs === undefined ? {} : { connectMs: options.connectMs }),
  })

  // a changed policy must not find a connection that an older one allowed, hence it is part of the key
  const agentOf = (owner: string, policy: EgressPolicy): Agent => {
    const key = `${owner}|${policy.allowAddresses.join(',')}`
    const known = agents.get(key)
    if (known !== undefined) {
      agents.delete(key)
      agents.set(key, known)
      return known
    }
    const agent = guardedAgent((target) => connectChecked(target, connectOptions(policy)))
    agents.set(key, agent)
    forgetOldest(agents)
    return agent
  }

  return {
    http: (owner, policy, call) => callHttp(agentOf(owner, policy), call),
    connectTcp: (host, port, policy, signal) =>
      connectChecked(
        { host, port, protocol: null },
        { ...connectOptions(policy), ...(signal === undefined ? {} : { signal }) },
      ),
    close: async () => {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
      agents.clear()
    },
  }
}

function guardedAgent(connect: (target: Parameters<typeof connectChecked>[0]) => Promise<Socket>): Agent {
  return new Agent({
    connect: ({ hostname, port, protocol }, callback) => {
      const https = protocol === 'https:'
      const target = {
        host: hostname,
        port: Number(port || (https ? 443 : 80)),
        protocol: https ? ('https:' as const) : ('http:' as const),
      }
      callbackify(connect)(target, (error, socket) =>
        error === null ? callback(null, socket) : callback(error, null),
      )
    },
    connections: limits.egressConnectionsPerChannel,
    pipelining: 1,
    keepAliveTimeout: limits.egressKeepAliveMs / 5,
    keepAliveMaxTimeout: limits.egressKeepAliveMs,
    headersTimeout: limits.egressIdleMs,
    bodyTimeout: limits.egressIdleMs,
    maxHeaderSize: limits.httpHeaderBytes,
  })
}

function forgetOldest(agents: Map<string, Agent>): void {
  if (agents.size <= limits.egressAgents) return
  const [key, agent] = agents.entries().next().value!
  agents.delete(key)
  // lets calls under way end
  void agent.close()
}
