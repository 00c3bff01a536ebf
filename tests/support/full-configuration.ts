/** Every kind of document with every field that it may have: invented companies, right check digits. */

export const fullPartner = {
  key: 'full-market',
  name: 'Full Market',
  ours: true,
  language: 'fr',
  timeZone: 'Europe/Brussels',
  contacts: [
    {
      name: 'Ada Exemple',
      email: 'edi@full-market.example',
      phone: '+32 2 555 01 00',
      role: 'business',
      language: 'en',
      events: ['rejected', 'held'],
    },
    { name: 'Astreinte', email: 'astreinte@full-market.example' },
  ],
  identities: [
    { scheme: 'duns', value: '150483782', env: 'test' },
    {
      scheme: 'gln',
      value: '4012345000009',
      internal: 'QUAI',
      internalSub: '7',
      env: 'test',
      from: '2026-01-01',
      until: '2030-01-01T12:00:00.000Z',
    },
  ],
  channels: [
    {
      key: 'api',
      kind: 'https',
      env: 'test',
      peerDedupes: true,
      identities: [
        { partner: 'full-market', scheme: 'gln', value: '4012345000009', internal: 'QUAI', internalSub: '7' },
      ],
      settings: {
        headers: { 'x-market': 'full' },
        limits: { fileBytes: 20_000_000 },
        secretHeaders: { Authorization: 'api_login' },
        timeoutMs: 30_000,
        url: 'https://orders.full-market.example/in',
      },
      logins: [{ kind: 'token', name: 'shop', keep: true }],
      secrets: { api_login: { keep: true } },
    },
    {
      key: 'box',
      kind: 'mailbox',
      env: 'test',
      settings: { collectWithinHours: 24 },
      logins: [
        {
          kind: 'password',
          username: 'full-market-test',
          name: '2026',
          from: '2026-01-01',
          until: '2027-01-01',
          keep: true,
        },
      ],
    },
    {
      key: 'files',
      kind: 'sftp',
      env: 'test',
      settings: {
        algorithms: 'modern',
        allowAddresses: ['10.1.0.0/16'],
        folder: 'in',
        host: 'files.full-market.example',
        hostKeys: ['SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
        port: 22,
        temporarySuffix: '.part',
        username: 'hub',
      },
    },
  ],
  profiles: [
    { direction: 'sends', env: 'test', type: 'opaque', format: 'opaque', channel: 'box', files: '*.pdf' },
    {
      direction: 'sends',
      env: 'test',
      type: 'order',
      format: 'edifact',
      guide: 'EAN008',
      state: 'test',
      mapping: 'order/edifact-d96a',
      channel: 'box',
      acknowledgements: { business: 'none', syntax: 'always', syntaxVersion: '4:1' },
      charset: 'utf-8',
    },
    {
      direction: 'receives',
      env: 'test',
      type: 'order',
      format: 'edifact',
      mapping: 'order/edifact-d96a',
      mappingSettings: { free: 'text' },
      channel: 'box',
      acknowledgements: { expectSyntaxWithinMinutes: 60 },
      bundle: {
        at: ['12:00', '18:00'],
        days: ['mon', 'tue'],
        holidays: ['2026-12-25'],
        maxBytes: 100000,
        maxDocuments: 50,
        timeZone: 'Europe/Paris',
      },
      ordered: true,
      orderedBy: 'number',
      replay: { function: 'copy' },
      unroutable: 'hold',
      write: {
        acknowledgementRequest: true,
        indent: false,
        lineEnds: 'lf',
        separators: ":+.? '",
        syntax: 'UNOC:3',
      },
    },
  ],
}

export const fullAgreement = {
  key: 'full-orders',
  state: 'draft',
  sender: { partner: 'full-market', env: 'test', type: 'order', format: 'edifact', guide: 'EAN008' },
  receiver: { partner: 'full-market', format: 'edifact', guide: '*' },
  from: '2026-01-01',
  until: '2029-12-31',
  terms: {
    deliverWithinMinutes: 60,
    duplicates: {
      businessKey: { answer: 'hold', days: 90 },
      messageId: { answer: 'ignore', days: 30 },
      payloadHash: { answer: 'accept', days: 30 },
      reference: { answer: 'reject', days: 400 },
    },
    expects: {
      atLeast: 3,
      by: '10:00',
      days: ['mon', 'tue'],
      holidays: ['2026-12-25'],
      timeZone: 'Europe/Paris',
    },
    numbers: { atEnd: 'hold', end: 999_999, start: 1, width: 6 },
    rails: {
      amountMax: '250000.00',
      linesMax: 500,
      quantityMax: '10000',
      sizeMax: 5_000_000,
      windows: [
        {
          amountMax: '900000.00',
          countMax: 100,
          duplicatesMaxPercent: 5,
          minutes: 60,
          quantityMax: '90000',
          sizeMax: 50_000_000,
        },
      ],
    },
    takes: 'copy',
    when: { from: 'orderTypeCode', is: '220' },
  },
}

export const fullCodeList = {
  key: 'full-units',
  name: 'Units of the market',
  codes: [
    { code: 'KAR', to: 'CT', from: '2026-01-01', until: '2027-01-01', note: 'until they change' },
    { code: 'ST', to: 'C62' },
  ],
}

export const fullMapping = {
  key: 'order/full-market',
  name: 'Orders of the market',
  type: 'order',
  direction: 'toCanonical',
  state: 'draft',
  extends: 'order/json',
  format: 'json',
  message: { type: 'order', version: '1', guide: 'market' },
  codeLists: ['full-units'],
  canonical: [
    {
      set: 'note[0]',
      from: 'remark',
      otherwise: 'none',
      text: { trim: true, case: 'upper', cut: 20, before: 'a', after: 'b', pad: { to: 10, with: ' ' } },
      when: { from: 'remark', exists: true },
    },
    { set: 'orderTypeCode', value: '220' },
    { remove: 'customerReference' },
  ],
  tests: [{ name: 'a case', input: '{}', refused: 'CD-5010', settings: { free: 'text' } }],
}
