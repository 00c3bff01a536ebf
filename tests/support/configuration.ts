import type { ConfigurationFile } from '#partners/apply.ts'

/** An invented retailer and supplier with one agreement, as configuration files. GLNs have right check digits. */
export const retailerGln = '4012345000009'
export const supplierGln = '4098765000010'

export const retailerYaml = `partner:
  key: retailer
  name: Marché Invention
  language: fr
  timeZone: Europe/Paris
  identities:
    - { scheme: gln, value: "4012345000009", env: test }
    - { scheme: gln, value: "4012345000009", env: live }
  channels:
    - key: api
      kind: https
      env: test
    - key: box
      kind: mailbox
      env: test
      logins:
        - { kind: password, username: retailer-test, value: canary-password-retailer }
  profiles:
    - direction: sends
      env: test
      type: order
      format: edifact
      mapping: order/edifact-d96a
      channel: box
      acknowledgements: { syntax: always }
`

export const supplierYaml = `partner:
  key: supplier
  name: Supplier & Sons
  identities:
    - { scheme: gln, value: "4098765000010", env: test }
  channels:
    - key: web
      kind: https
      env: test
      settings: { url: "https://supplier.example/in" }
      secrets:
        webhook_secret: { env: SUPPLIER_WEBHOOK }
  profiles:
    - direction: receives
      env: test
      type: order
      format: xml
      mapping: order/ubl-2.1
      channel: web
`

export const agreementYaml = `agreement:
  key: retailer-orders
  sender: { partner: retailer, env: test, type: order }
  receiver: { partner: supplier }
  terms:
    deliverWithinMinutes: 60
`

export const exampleFiles: readonly ConfigurationFile[] = [
  { path: 'retailer.yaml', text: retailerYaml },
  { path: 'supplier.yaml', text: supplierYaml },
  { path: 'agreement.yaml', text: agreementYaml },
]

/** The same files with words replaced in one of them. */
export function edited(path: string, from: string, to: string): ConfigurationFile[] {
  return exampleFiles.map((file) => {
    if (file.path !== path) return file
    if (!file.text.includes(from)) throw new Error(`${path} does not contain ${from}`)
    return { path, text: file.text.replace(from, to) }
  })
}
