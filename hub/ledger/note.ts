import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'

/**
 * Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint): a text, an empty line, and lines of signatures
 * `— <name> <base64 of a 4-byte key id and an Ed25519 signature>`. The key's name is the ledger's origin.
 */
export interface Checkpoint {
  origin: string
  size: number
  root: Buffer
}

/** The private key of a ledger, and its public half as 32 bytes. */
export interface SigningKey {
  privateKey: KeyObject
  publicKey: Buffer
}

const algorithm = 1
const dash = '—'

/** The signing key of a 32-byte Ed25519 seed (RFC 8032 §5.1.5). */
export function signingKey(seed: Buffer): SigningKey {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return { privateKey, publicKey: spki.subarray(spki.length - 32) }
}

/** The checkpoint's text, signed: what is published, kept and compared. */
export function signCheckpoint(checkpoint: Checkpoint, key: SigningKey): string {
  const text = `${checkpoint.origin}\n${checkpoint.size}\n${checkpoint.root.toString('base64')}\n`
  const signature = sign(null, Buffer.from(text), key.privateKey)
  const line = Buffer.concat([keyId(checkpoint.origin, key.publicKey), signature]).toString('base64')
  return `${text}\n${dash} ${checkpoint.origin} ${line}\n`
}

/**
 * The checkpoint of a note that this key signed under the name of its origin. Null where the note has not the exact
 * form, or the signature is missing or wrong. Lines of other signers are passed over.
 */
export function openCheckpoint(note: string, publicKey: Buffer): Checkpoint | null {
  const parts = splitNote(note)
  if (parts === null) return null
  const { text, signatures, checkpoint } = parts
  const id = keyId(checkpoint.origin, publicKey)
  const own = signatures.find(
    ({ name, bytes }) => name === checkpoint.origin && bytes.subarray(0, 4).equals(id),
  )
  if (own === undefined) return null
  return verify(null, Buffer.from(text), publicKeyObject(publicKey), own.bytes.subarray(4))
    ? checkpoint
    : null
}

/** What a note says, without looking at its signatures; null where it has not the form of a checkpoint. */
export function readCheckpoint(note: string): Checkpoint | null {
  return splitNote(note)?.checkpoint ?? null
}

/** The public key in the verifier form of signed notes: `<name>+<key id in hex>+<base64 of algorithm and key>`. */
export function verifierKey(name: string, publicKey: Buffer): string {
  const typed = Buffer.concat([Buffer.of(algorithm), publicKey])
  return `${name}+${keyId(name, publicKey).toString('hex')}+${typed.toString('base64')}`
}

/** The name and 32 bytes of a key in verifier form; null where it has not that form. */
export function readVerifierKey(text: string): { name: string; publicKey: Buffer } | null {
  const match = /^([!-*,-~]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text)
  if (match === null) return null
  const [, name, id, encoded] = match as unknown as [string, string, string, string]
  const typed = exactBase64(encoded)
  if (typed === null || typed.length !== 33 || typed[0] !== algorithm) return null
  const publicKey = typed.subarray(1)
  return keyId(name, publicKey).toString('hex') === id ? { name, publicKey } : null
}

interface NoteParts {
  text: string
  checkpoint: Checkpoint
  signatures: { name: string; bytes: Buffer }[]
}

const form = /^([!-*,-~]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\n\n((?:— [!-*,-~]+ [A-Za-z0-9+/=]+\n)+)$/

function splitNote(note: string): NoteParts | null {
  const match = form.exec(note)
  if (match === null) return null
  const [, origin, size, encodedRoot, lines] = match as unknown as [string, string, string, string, string]
  const root = exactBase64(encodedRoot)
  if (root === null || root.length !== 32 || Number(size) > Number.MAX_SAFE_INTEGER) return null
  const signatures = lines
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, name, encoded]) => ({ name: name!, bytes: exactBase64(encoded!) ?? Buffer.alloc(0) }))
  const text = `${origin}\n${size}\n${encodedRoot}\n`
  return { text, checkpoint: { origin, size: Number(size), root }, signatures }
}

// Buffer passes over what is not base64
function exactBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

function keyId(name: string, publicKey: Buffer): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.of(algorithm))
    .update(publicKey)
    .digest()
    .subarray(0, 4)
}

function publicKeyObject(publicKey: Buffer): KeyObject {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
  return createPublicKey({ key: spki, format: 'der', type: 'spki' })
}
