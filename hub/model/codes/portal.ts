import type { Codes } from './code.ts'

/** API and portal. */
export const portalCodes = {
  notFound: {
    code: 'CD-8001',
    retry: 'never',
    turn: 'nobody',
    http: 404,
    en: {
      what: 'There is nothing at this address that you may see.',
      fix: 'Check the address; ids of other partners are answered the same way.',
    },
    fr: {
      what: 'Il n’y a rien à cette adresse que vous puissiez voir.',
      fix: 'Vérifiez l’adresse ; les identifiants d’autres partenaires reçoivent la même réponse.',
    },
  },
  requestInvalid: {
    code: 'CD-8002',
    retry: 'never',
    turn: 'nobody',
    http: 400,
    en: {
      what: 'The request does not have the form the API asks for.',
      fix: 'Check the names and values in the address or the form.',
    },
    fr: {
      what: 'La requête n’a pas la forme attendue par l’API.',
      fix: 'Vérifiez les noms et les valeurs dans l’adresse ou le formulaire.',
    },
  },
  tooManyRequests: {
    code: 'CD-8003',
    retry: 'retry',
    turn: 'nobody',
    http: 429,
    en: {
      what: 'Too many requests in a short time.',
      fix: 'Wait as long as the header Retry-After says.',
    },
    fr: {
      what: 'Trop de requêtes en peu de temps.',
      fix: 'Attendez la durée indiquée par l’en-tête Retry-After.',
    },
  },
  crossSite: {
    code: 'CD-8004',
    retry: 'never',
    turn: 'nobody',
    http: 403,
    en: {
      what: 'The form was sent from another site.',
      fix: 'Open the page in the portal and send the form from there.',
    },
    fr: {
      what: 'Le formulaire a été envoyé depuis un autre site.',
      fix: 'Ouvrez la page dans le portail et envoyez le formulaire de là.',
    },
  },
  signInFailed: {
    code: 'CD-8005',
    retry: 'never',
    turn: 'nobody',
    http: 422,
    en: {
      what: 'E-mail address and password do not match.',
      fix: 'Check both; after five tries, wait fifteen minutes.',
    },
    fr: {
      what: 'L’adresse électronique et le mot de passe ne correspondent pas.',
      fix: 'Vérifiez les deux ; après cinq essais, attendez quinze minutes.',
    },
  },
  personInvalid: {
    code: 'CD-8006',
    retry: 'never',
    turn: 'nobody',
    http: 422,
    en: {
      what: 'The person cannot be added as given.',
      fix: 'The detail says what is wrong: address, name, role, partner or password.',
    },
    fr: {
      what: 'La personne ne peut pas être ajoutée telle quelle.',
      fix: 'Le détail dit ce qui ne va pas : adresse, nom, rôle, partenaire ou mot de passe.',
    },
  },
  methodNotAllowed: {
    code: 'CD-8007',
    retry: 'never',
    turn: 'nobody',
    http: 405,
    en: {
      what: 'This address does not take this method.',
      fix: 'Use one of those that the header Allow names.',
    },
    fr: {
      what: 'Cette adresse n’accepte pas cette méthode.',
      fix: 'Utilisez l’une de celles que nomme l’en-tête Allow.',
    },
  },
  headersTooLarge: {
    code: 'CD-8008',
    retry: 'never',
    turn: 'sender',
    http: 431,
    en: {
      what: 'The request has too many headers, or one that is too long.',
      fix: 'Send fewer or shorter headers; the detail names the limit.',
    },
    fr: {
      what: 'La requête comporte trop d’en-têtes, ou un en-tête trop long.',
      fix: 'Envoyez des en-têtes moins nombreux ou plus courts ; le détail nomme la limite.',
    },
  },
} as const satisfies Codes
