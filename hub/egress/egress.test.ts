import { createServer, type RequestListener, type Server } from 'node:http'
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
} from 'node:net'
import { createServer as createTlsServer } from 'node:https'
import forge from 'node-forge'
import { afterEach, describe, expect, test } from 'vitest'
import { HubError } from '#hub/model/errors.ts'
import { createEgress, judgeAddress, type Egress, type HttpCall, type ResolveName } from './index.ts'

const loopback = { allowAddresses: ['127.0.0.1/32'] }
const nobody = { allowAddresses: [] }
const open: { close(): unknown }[] = []

afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

describe('1.9 addresses', () => {
  const refused = {
    loopback: ['127.0.0.1', '127.255.255.254', '::1'],
    private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fd00::1', 'fc00::1'],
    'link-local, where clouds keep their metadata': ['169.254.169.254', 'fe80::1', 'fe80::1%lo'],
    'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
    'multicast and broadcast': ['224.0.0.1', '239.255.255.255', '255.255.255.255', 'ff02::1'],
    unspecified: ['0.0.0.0', '0.1.2.3', '::'],
    'IPv4 mapped into IPv6': [
      '::ffff:127.0.0.1',
      '::ffff:169.254.169.254',
      '::ffff:8.8.8.8',
      '::ffff:7f00:1',
    ],
    'IPv4 compatible': ['::7f00:1', '::8.8.8.8'],
    '6to4': ['2002:7f00:1::', '2002:808:808::1'],
    NAT64: ['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
    Teredo: ['2001::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    'documentation, benchmarks and what is reserved': [
      '192.0.2.1',
      '198.18.0.1',
      '203.0.113.9',
      '240.0.0.1',
      '2001:db8::1',
    ],
    'site-local of old': ['fec0::1'],
    'no addresses at all': ['', 'localhost', '0x7f.1', '2130706433', '127.1'],
  }
  test.each(Object.entries(refused))('%s are refused', (_name, addresses) => {
    for (const address of addresses) expect(judgeAddress(address, []).admitted, address).toBe(false)
  })

  test('public unicast is admitted', () => {
    for (const address of [
      '8.8.8.8',
      '1.1.1.1',
      '172.32.0.1',
      '100.128.0.1',
      '2a00:1450::1',
      '2606:4700::1111',
    ]) {
      expect(judgeAddress(address, []), address).toEqual({ range: 'unicast', admitted: true, named: false })
    }
  })

  test('what the operator names is admitted, in any spelling, and nothing beside it', () => {
    expect(judgeAddress('10.1.2.3', ['10.1.0.0/16'])).toMatchObject({ admitted: true, named: true })
    expect(judgeAddress('::ffff:10.1.2.3', ['10.1.0.0/16']).admitted).toBe(true)
    expect(judgeAddress('10.2.2.3', ['10.1.0.0/16']).admitted).toBe(false)
    expect(judgeAddress('fd12::1', ['fd00::/8', '10.0.0.0/8']).admitted).toBe(true)
    expect(judgeAddress('127.0.0.1', ['nonsense']).admitted).toBe(false)
  })
})

describe('1.9 connections', () => {
  test.each([
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.1',
    'localhost',
    'localhost.',
    '[::ffff:127.0.0.1]',
    '::ffff:127.0.0.1',
    '0.0.0.0',
    '[::1]',
  ])('%s is what it resolves to, and no connection is made', async (host) => {
    const target = await listenTcp()
    const failure = await failureOf(egress().connectTcp(host, target.port, nobody))
    expect(failure.code).toBe('addressRefused')
    expect(target.connections()).toBe(0)
  })

  test.each([
    'http://[::ffff:127.0.0.1]',
    'http://0x7f.1',
    'http://2130706433',
    'http://127.0.0.1.',
    'https://localhost',
  ])('a call to %s is refused before anything is sent', async (origin) => {
    const target = await listenTcp()
    const failure = await failureOf(egress().http('a', nobody, call(`${origin}:${target.port}/`)))
    expect(failure.code).toBe('addressRefused')
    expect(target.connections()).toBe(0)
  })

  test('a name with one bad address among good ones is refused', async () => {
    const target = await listenTcp()
    const way = egress(() => Promise.resolve(['93.184.216.34', '127.0.0.1']))
    expect((await failureOf(way.connectTcp('partner.example', target.port, nobody))).code).toBe(
      'addressRefused',
    )
    expect(target.connections()).toBe(0)
  })

  test('a name is resolved once for a connection, so a second answer changes nothing', async () => {
    const target = await listenTcp()
    const answers = [['127.0.0.1'], ['10.0.0.1']]
    let asked = 0
    const way = egress(() => Promise.resolve(answers[asked++]!))
    const socket = await way.connectTcp('partner.example', target.port, loopback)
    expect(asked).toBe(1)
    expect(socket.remoteAddress).toBe('127.0.0.1')
    socket.destroy()
    // the name now leads to an address that was not named
    expect((await failureOf(way.connectTcp('partner.example', target.port, loopback))).code).toBe(
      'addressRefused',
    )
  })

  test('a name that turns from public to local finds nobody at home', async () => {
    const target = await listenTcp()
    let asked = 0
    const way = egress(() => Promise.resolve(asked++ === 0 ? ['192.0.2.1'] : ['127.0.0.1']))
    for (let tries = 0; tries < 3; tries++) {
      const failure = await failureOf(way.http('a', nobody, call(`https://partner.example:${target.port}/`)))
      expect(failure.code).toBe('addressRefused')
    }
    expect(target.connections()).toBe(0)
  })

  test('the next address is tried where one does not answer', async () => {
    const port = await listen((_request, response) => void response.end())
    const way = egress(() => Promise.resolve(['127.0.0.2', '127.0.0.1']))
    const socket = await way.connectTcp('partner.example', port, { allowAddresses: ['127.0.0.0/8'] })
    expect(socket.remoteAddress).toBe('127.0.0.1')
    socket.destroy()
  })

  test('a name without an address, a closed port and a stopped attempt are connectFailed', async () => {
    const nowhere = egress(() => Promise.reject(new Error('ENOTFOUND')))
    expect((await failureOf(nowhere.connectTcp('none.example', 22, nobody))).code).toBe('connectFailed')
    const target = await listenTcp()
    await target.close()
    expect((await failureOf(egress().connectTcp('127.0.0.1', target.port, loopback))).code).toBe(
      'connectFailed',
    )
    const hanging = egress(() => new Promise(() => {}))
    const stopped = hanging.connectTcp('slow.example', 22, nobody, AbortSignal.timeout(20))
    expect((await failureOf(stopped)).code).toBe('connectFailed')
  })

  test('plain HTTP goes only to addresses the operator named', async () => {
    const way = egress(() => Promise.resolve(['93.184.216.34']))
    const failure = await failureOf(way.http('a', loopback, call('http://partner.example/')))
    expect(failure).toMatchObject({ code: 'addressRefused', detail: { range: 'plain_http' } })
  })
})

describe('1.9 answers', () => {
  test('a redirect is an answer and is not followed', async () => {
    const target = await listenTcp()
    const port = await listen((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${target.port}/latest/meta-data` }).end()
    })
    const answer = await egress().http('a', loopback, call(`http://127.0.0.1:${port}/`))
    expect(answer.status).toBe(302)
    expect(target.connections()).toBe(0)
  })

  test('an answer longer than the cap is cut, and its status still counts', async () => {
    let closed: Promise<unknown> = Promise.resolve()
    const port = await listen((_request, response) => {
      closed = new Promise((resolve) => response.on('close', resolve))
      response.writeHead(200)
      const more = () => {
        while (response.write(Buffer.alloc(64 * 1024, 'x')));
        response.once('drain', more)
      }
      more()
    })
    const answer = await egress().http('a', loopback, {
      ...call(`http://127.0.0.1:${port}/`),
      responseBytes: 100_000,
    })
    expect(answer).toMatchObject({ status: 200, cut: true, sizeBytes: 100_000 })
    expect(answer.head.length).toBe(1024)
    await closed
  })

  test('a connection that ends after the request was sent is answerLost', async () => {
    const port = await listen((request) => {
      request.on('end', () => request.socket.destroy()).resume()
    })
    const failure = await failureOf(egress().http('a', loopback, call(`http://127.0.0.1:${port}/`)))
    expect(failure.code).toBe('answerLost')
  })

  test('silence is answerLost after the total time', async () => {
    const port = await listen((request) => void request.resume())
    const failure = await failureOf(
      egress().http('a', loopback, { ...call(`http://127.0.0.1:${port}/`), totalMs: 100 }),
    )
    expect(failure.code).toBe('answerLost')
  })

  test('a port that takes the connection but never speaks TLS is connectFailed', async () => {
    const target = await listenTcp()
    const way = createEgress({ connectMs: 100 })
    open.push(way)
    const failure = await failureOf(way.http('a', loopback, call(`https://127.0.0.1:${target.port}/`)))
    expect(failure.code).toBe('connectFailed')
  })

  test('no proxy variable is read', async () => {
    const proxy = await listenTcp()
    const before = { ...process.env }
    for (const name of ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY']) {
      process.env[name] = `http://127.0.0.1:${proxy.port}`
    }
    try {
      const port = await listen((_request, response) => void response.end('direct'))
      const answer = await egress().http('a', loopback, call(`http://127.0.0.1:${port}/`))
      expect(answer.head.toString()).toBe('direct')
    } finally {
      process.env = before
    }
    expect(proxy.connections()).toBe(0)
  })

  test('with TLS the name is what the certificate is checked against, whatever the address', async () => {
    const { key, cert } = certificate('partner.example')
    let asked: string | boolean | undefined
    const server = createTlsServer({ key, cert }, (request, response) => {
      asked = (request.socket as unknown as { servername?: string | false }).servername
      response.end('safe')
    })
    const port = await portOf(server)
    const way = createEgress({ resolve: () => Promise.resolve(['127.0.0.1']), ca: [cert] })
    open.push(way)
    const answer = await way.http('a', loopback, call(`https://partner.example:${port}/`))
    expect(answer.head.toString()).toBe('safe')
    expect(asked).toBe('partner.example')
    const failure = await failureOf(way.http('a', loopback, call(`https://other.example:${port}/`)))
    expect(failure.code).toBe('connectFailed')
  })

  test('a connection is used again where the caller allows it, and only by its owner', async () => {
    const ports = new Set<number>()
    const port = await listen((request, response) => {
      ports.add(request.socket.remotePort!)
      response.end()
    })
    const way = egress()
    const again = { ...call(`http://127.0.0.1:${port}/`), reuse: true }
    await way.http('a', loopback, again)
    // the answer is complete a moment before the connection is free again
    await new Promise((resolve) => setImmediate(resolve))
    await way.http('a', loopback, again)
    expect(ports.size).toBe(1)
    await way.http('b', loopback, again)
    expect(ports.size).toBe(2)
    await way.http('c', loopback, call(`http://127.0.0.1:${port}/`))
    await way.http('c', loopback, call(`http://127.0.0.1:${port}/`))
    expect(ports.size).toBe(4)
  })
})

function egress(resolve?: ResolveName): Egress {
  const made = createEgress(resolve === undefined ? {} : { resolve })
  open.push(made)
  return made
}

function call(url: string): HttpCall {
  return {
    method: 'POST',
    url: new URL(url),
    headers: {},
    body: Buffer.from('document'),
    totalMs: 5_000,
    responseBytes: 1024 * 1024,
    keptBytes: 1024,
    reuse: false,
  }
}

async function failureOf(work: Promise<unknown>): Promise<HubError> {
  try {
    await work
  } catch (error) {
    if (error instanceof HubError) return error
    throw error
  }
  throw new Error('it should have failed')
}

async function listen(handle: RequestListener): Promise<number> {
  return portOf(createServer(handle))
}

async function portOf(server: Server | TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({
    close: () => {
      if ('closeAllConnections' in server) server.closeAllConnections()
      server.close()
    },
  })
  return (server.address() as AddressInfo).port
}

async function listenTcp(): Promise<{ port: number; connections(): number; close(): Promise<void> }> {
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => sockets.push(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  const made = {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.length,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
  open.push(made)
  return made
}

function certificate(name: string): { key: string; cert: string } {
  const pair = forge.pki.rsa.generateKeyPair(2048)
  const made = forge.pki.createCertificate()
  made.publicKey = pair.publicKey
  made.serialNumber = '01'
  made.validity.notBefore = new Date(Date.now() - 86_400_000)
  made.validity.notAfter = new Date(Date.now() + 86_400_000)
  const subject = [{ name: 'commonName', value: name }]
  made.setSubject(subject)
  made.setIssuer(subject)
  made.setExtensions([
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
  ])
  made.sign(pair.privateKey, forge.md.sha256.create())
  return { key: forge.pki.privateKeyToPem(pair.privateKey), cert: forge.pki.certificateToPem(made) }
}
