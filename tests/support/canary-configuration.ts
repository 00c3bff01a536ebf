import { readFile } from 'node:fs/promises'

const demo = new URL('../../hub/cli/demo/', import.meta.url)

/** Where the partners' ends of the demo are. */
export interface Ends {
  endpoint: string
  sftpPort: number
  hostKey: string
}

/** Channels to which nothing can be delivered: no TLS there, nobody there, a wrong password, a key that is none. */
export const failingChannels = ['tls', 'refused', 'sftp-wrong', 'sftp-key'] as const

/**
 * The demo's configuration with its secrets named by variables (RETAILER_PASSWORD, SUPPLIER_PASSWORD, SUPPLIER_WEBHOOK_SECRET,
 * SUPPLIER_SFTP_PASSWORD, WRONG_SFTP_PASSWORD, PRIVATE_KEY, BEARER), and a JSON order that goes to each failing channel, too.
 */
export async function canaryConfiguration(ends: Ends): Promise<{ name: string; text: string }[]> {
  const names = ['retailer.yaml', 'supplier.yaml', 'agreements.yaml']
  return Promise.all(
    names.map(async (name) => {
      const text = (await readFile(new URL(`config/${name}`, demo), 'utf8'))
        .replaceAll(/value: '\$\{([A-Z_]+(PASSWORD|SECRET))\}'/g, 'env: $1')
        .replace('${SUPPLIER_ENDPOINT}', ends.endpoint)
        .replace('${SUPPLIER_SFTP_PORT}', String(ends.sftpPort))
        .replace('${SUPPLIER_SFTP_HOST_KEY}', ends.hostKey)
      if (name === 'supplier.yaml') return { name, text: withFailingChannels(text, ends) }
      return {
        name,
        text: name === 'agreements.yaml' ? text + failingChannels.map(agreementFor).join('') : text,
      }
    }),
  )
}

/** Files that `apply` refuses, each with `secret` in what is wrong or beside it. */
export function refusedConfiguration(secret: string): string[] {
  const channel = (fields: string) =>
    `partner: { key: x, name: X, channels: [{ key: a, env: live, ${fields} }] }`
  return [
    `partner:\n  key: x\n  name: "${secret}\n`,
    `partner: { key: x, name: X, password ${secret}: `,
    channel(`kind: https, secrets: { webhook_secret: ${secret} }`),
    channel(`kind: https, settings: { password: ${secret} }`),
    channel(`kind: https, settings: { url: 'https://u:${secret}@h.example/' }`),
    channel(
      `kind: https, settings: { url: 'https://h.example/', headers: { Authorization: 'Bearer ${secret}' } }`,
    ),
    channel(`kind: https, logins: [{ kind: token, value: ${secret} }]`),
    channel(`kind: mailbox, logins: [{ kind: password, username: u, value: [${secret}] }]`),
    channel(`kind: mailbox, logins: [{ kind: public_key, username: u, value: ${secret} }]`),
    channel(`kind: sftp, secrets: { private_key: { value: "${secret}", env: "${secret}" } }`),
  ]
}

function withFailingChannels(text: string, { endpoint, sftpPort, hostKey }: Ends): string {
  const https = (key: string, url: string) => `    - key: ${key}
      kind: https
      env: live
      peerDedupes: true
      settings: { url: '${url}', allowAddresses: ['127.0.0.1/32'], secretHeaders: { Authorization: api_login } }
      secrets: { api_login: { env: BEARER } }
`
  const sftp = (key: string, secret: string) => `    - key: ${key}
      kind: sftp
      env: live
      peerDedupes: true
      settings: { host: 127.0.0.1, port: ${sftpPort}, username: crossdock, hostKeys: ['${hostKey}'], allowAddresses: ['127.0.0.1/32'] }
      secrets: { ${secret} }
`
  const channels = [
    https('tls', `https://127.0.0.1:${new URL(endpoint).port}/`),
    https('refused', 'http://127.0.0.1:1/'),
    sftp('sftp-wrong', 'password: { env: WRONG_SFTP_PASSWORD }'),
    sftp('sftp-key', 'private_key: { env: PRIVATE_KEY }'),
  ]
  const profiles = failingChannels.map(
    (key) =>
      `    - { direction: receives, env: live, type: order, format: json, guide: ${key}, mapping: order/json, channel: ${key} }\n`,
  )
  return text
    .replace('  profiles:\n', `${channels.join('')}  profiles:\n${profiles.join('')}`)
    .replace(
      "allowAddresses: ['127.0.0.1/32'] }",
      "allowAddresses: ['127.0.0.1/32'], secretHeaders: { X-Partner: api_login } }",
    )
    .replace('      secrets:\n', '      secrets:\n        api_login: { env: BEARER }\n')
}

function agreementFor(key: string): string {
  return `---
agreement:
  key: to-${key}
  sender: { partner: maison-verdier, env: live, type: order, format: json }
  receiver: { partner: brouwer, format: json, guide: ${key} }
`
}
