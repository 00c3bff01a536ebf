import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readCertificate, type OwnCertificate } from '#hub/envelopes/smime/index.ts'

/** A certificate for tests, its private key, and both as files for `openssl`. */
export interface TestCertificate extends OwnCertificate {
  certificateFile: string
  keyFile: string
}

/** Makes a self-signed certificate with `openssl req`, whose subject is `name`. */
export function testCertificate(name: string, kind: 'rsa' | 'ec' | 'small' = 'rsa'): TestCertificate {
  return selfSigned(name, keyOf(kind), [])
}

/** Another key under the same subject and serial number: what a forger would make. */
export function namesake(name: string, of: TestCertificate): TestCertificate {
  return selfSigned(name, keyOf('rsa'), ['-set_serial', `0x${of.certificate.serial.toString('hex')}`])
}

function keyOf(kind: 'rsa' | 'ec' | 'small'): KeyObject {
  if (kind === 'ec') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  return generateKeyPairSync('rsa', { modulusLength: kind === 'small' ? 1024 : 2048 }).privateKey
}

function selfSigned(name: string, privateKey: KeyObject, more: readonly string[]): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'crossdock-certificate-'))
  const keyFile = join(folder, 'key.pem')
  const certificateFile = join(folder, 'certificate.pem')
  writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const request = [
    'req',
    '-x509',
    '-new',
    '-key',
    keyFile,
    '-sha256',
    '-days',
    '30',
    '-subj',
    `/O=Test/CN=${name}`,
  ]
  const pem = execFileSync('openssl', [...request, ...more], { stdio: ['ignore', 'pipe', 'pipe'] })
  writeFileSync(certificateFile, pem)
  return {
    certificate: readCertificate(pem),
    privateKey: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    keyFile,
    certificateFile,
  }
}

/** Runs `openssl` with these bytes as its input; gives its output. Throws where it fails. */
export function openssl(args: readonly string[], input: Buffer): Buffer {
  return execFileSync('openssl', [...args], { input, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 2 ** 30 })
}
