import { createPrivateKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  digestNamed,
  open,
  readCertificate,
  type Opened,
  type OwnCertificate,
} from '#hub/envelopes/smime/index.ts'
import { readMdn, type ReadMdn } from '#hub/envelopes/mdn/index.ts'
import { ByteReader } from '#hub/envelopes/mime/byte-reader.ts'
import { readHeaders, type Headers } from '#hub/envelopes/mime/headers.ts'
import type { Part } from './run.ts'

/** AS2 messages and receipts that other products made: each message opened, each receipt verified, and their MICs equal to ours. */
export async function as2Report(folder: string): Promise<Part[]> {
  const messages = part('AS2 messages of other products, opened to their content')
  const receipts = part('AS2 receipts of other products, verified')
  const mics = part('MICs in them, equal to the one by the table')
  const keys = ownCertificates(join(folder, 'keys'))
  const payload = readFileSync(join(folder, 'payload.edi'))
  for (const { message, receipt } of pairs(folder)) {
    const mdn = receipt === null ? null : await readReceipt(receipts, receipt, keys)
    const opened = await openMessage(messages, message, { keys, payload, mdn })
    if (mdn?.kind === 'read') noteMic(mics, message, opened, mdn)
  }
  return [messages, receipts, mics]
}

function part(title: string): Part {
  return { title, compared: 0, agreed: 0, explained: new Map(), unexplained: [] }
}

function explain(to: Part, reason: string): void {
  to.explained.set(reason, (to.explained.get(reason) ?? 0) + 1)
}

function ownCertificates(folder: string): OwnCertificate[] {
  const names = readdirSync(folder).flatMap((name) => (name.endsWith('.crt') ? [name.slice(0, -4)] : []))
  return names.map((name) => ({
    certificate: readCertificate(readFileSync(join(folder, `${name}.crt`))),
    privateKey: createPrivateKey(readFileSync(join(folder, `${name}.key`))),
  }))
}

/** Every message, and the receipt that somebody gave for it. */
function pairs(folder: string): { message: string; receipt: string | null }[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  return all
    .filter((path) => /\.(msg|eml)$/.test(path) && !path.endsWith('.mdn.eml'))
    .map((message) => {
      const stem = message.replace(/\.(msg|eml)$/, '')
      const receipts = ['.mdn', '.mdn.eml', '.openas2.mdn', '.pyas2.mdn'].map((end) => `${stem}${end}`)
      return { message, receipt: receipts.find((path) => existsSync(path)) ?? null }
    })
}

async function entityOf(path: string): Promise<{ headers: Headers; body: Buffer }> {
  const reader = new ByteReader(readFileSync(path))
  const { headers } = await readHeaders(reader)
  return { headers, body: reader.take(reader.window.length) }
}

const allow = { sha1: true, tripleDes: true }

async function readReceipt(to: Part, path: string, keys: OwnCertificate[]): Promise<ReadMdn> {
  to.compared += 1
  const read = await readMdn(await entityOf(path), {
    keys,
    signers: keys.map(({ certificate }) => certificate),
    allow,
    defects: ['final-line-end-missing'],
    signed: true,
  })
  const covers = read.layers.flatMap((layer) => (layer.kind === 'signed' ? [layer.covers] : []))[0]
  if (read.kind === 'refused') to.unexplained.push(`${path}: ${read.code}`)
  else if (covers === 'exact') to.agreed += 1
  else explain(to, `the signature covers the report without its final line end (${productOf(read)})`)
  return read
}

function productOf(read: ReadMdn): string {
  return read.kind === 'read' ? (read.mdn.reportingUa?.replace(/^.*;\s*/, '') ?? 'unnamed') : 'unnamed'
}

async function openMessage(
  to: Part,
  path: string,
  { keys, payload, mdn }: { keys: OwnCertificate[]; payload: Buffer; mdn: ReadMdn | null },
): Promise<Opened> {
  to.compared += 1
  const asked = mdn?.kind === 'read' && mdn.mdn.mic !== null ? digestNamed(mdn.mdn.mic.algorithm) : null
  const opened = await open(await entityOf(path), {
    keys,
    signers: keys.map(({ certificate }) => certificate),
    require: { signed: false, encrypted: false },
    allow,
    defects: [],
    micDigest: asked ?? 'sha256',
    compressedMic: 'entity',
    contentBytesMost: 1e8,
  })
  if (opened.kind === 'opened' && opened.parts.length === 1 && opened.parts[0]!.bytes!.equals(payload))
    to.agreed += 1
  else if (opened.kind === 'refused' && String(opened.detail['algorithm']).startsWith('1.3.132.1.15.'))
    explain(to, 'OpenAS2 agrees keys for a certificate on a curve by ECMQV, which OpenSSL does not know')
  else to.unexplained.push(`${path}: ${opened.kind === 'refused' ? opened.code : 'another content'}`)
  return opened
}

/** The receipt's MIC beside ours. A receipt that says no, or bears none, has nothing to compare. */
function noteMic(to: Part, path: string, opened: Opened, read: ReadMdn & { kind: 'read' }): void {
  const { mic, disposition } = read.mdn
  if (disposition.kind !== 'processed' || mic === null) return
  to.compared += 1
  const place = opened.micCandidates.findIndex(({ value }) => value.equals(mic.value))
  if (place === 0) to.agreed += 1
  else if (place > 0)
    explain(
      to,
      `${productOf(read)} hashes ${opened.micCandidates[place]!.over} instead of ${opened.mic!.over}`,
    )
  else to.unexplained.push(`${path}: its receipt's MIC (${mic.algorithm}) is of something else`)
}
