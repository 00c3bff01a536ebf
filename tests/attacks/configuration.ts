import { mallory, neighbour, supplier } from './orders.ts'

/** A partner that attacks, a neighbour, and a supplier that takes from both, in each format, what it collects from its mailbox. */
export function arenaConfiguration(): string {
  const formats = [
    { format: 'edifact', mapping: 'order/edifact-d96a', more: ', acknowledgements: { syntax: always }' },
    { format: 'xml', mapping: 'order/ubl-2.1', more: '' },
    { format: 'json', mapping: 'order/json', more: '' },
  ]
  const profiles = (direction: 'sends' | 'receives'): string =>
    formats
      .map(
        ({ format, mapping, more }) =>
          `    - { direction: ${direction}, env: live, type: order, format: ${format}, mapping: ${mapping}, channel: box${direction === 'sends' ? more : ''} }\n`,
      )
      .join('')
  const sender = (key: string, gln: string): string => `partner:
  key: ${key}
  name: ${key}
  identities: [{ scheme: gln, value: '${gln}', env: live }]
  channels:
    - { key: api, kind: https, env: live }
    - { key: box, kind: mailbox, env: live, logins: [{ kind: password, username: ${key}, value: ${key}-password-1 }] }
  profiles:
${profiles('sends')}`
  const agreed = (key: string): string =>
    formats
      .map(
        ({ format }) => `agreement:
  key: ${key}-${format}
  sender: { partner: ${key}, env: live, type: order, format: ${format} }
  receiver: { partner: supplier, format: ${format} }
`,
      )
      .join('---\n')
  const receiver = `partner:
  key: supplier
  name: supplier
  identities: [{ scheme: gln, value: '${supplier}', env: live }]
  channels:
    - { key: box, kind: mailbox, env: live, logins: [{ kind: password, username: supplier, value: supplier-password-1 }] }
  profiles:
${profiles('receives')}`
  return [
    sender('attacker', mallory),
    sender('neighbour', neighbour),
    receiver,
    agreed('attacker'),
    agreed('neighbour'),
  ].join('---\n')
}
