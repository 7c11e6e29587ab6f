import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type InteractionResults, type Provider } from 'oidc-provider';
import { messageOf } from '../lib/error.ts';
import { paths, type Addresses } from './addresses.ts';
import { bodyText } from './body.ts';
import { consentPage, errorPage, sendPage, shownName, targetOf } from './consent-page.ts';
import { allScopes, readScope, writeScope } from './documents.ts';
import type { Owner } from './owner.ts';
import { replayed } from './replay.ts';
import { keyOf } from './rows.ts';
import type { Store } from './store.ts';

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** Wrong passwords after which an interaction ends. */
const maxTries = 5;
const maxCounted = 2000;

const owner = 'owner';

const ended = errorPage('This login has ended, or it was started in another browser.');
const notSaved = errorPage('The permission could not be saved. The log of the server says why.');

export interface ConsentOptions {
  readonly provider: Provider;
  readonly addresses: Addresses;
  readonly store: Store;
  readonly owner: Owner;
  readonly log: (message: string) => void;
}

/** The page on which the owner allows or denies a client. */
export class Consent {
  readonly #options: ConsentOptions;
  readonly #key = randomBytes(32);
  /** Wrong tries of each interaction. */
  readonly #tries = new Map<string, number>();

  constructor(options: ConsentOptions) {
    this.#options = options;
  }

  /** Answers a request for the page of an interaction. */
  async respond(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const { provider, addresses } = this.#options;
    const replay = replayed(request, addresses, { path });
    const interaction = await provider.interactionDetails(replay, response).catch(() => undefined);
    // The cookie is sent to this interaction's page only, so another id means a forged request.
    if (interaction === undefined || path !== `${paths.consent}/${interaction.uid}`) {
      return sendPage(response, 400, ended);
    }
    if (request.method === 'GET') return this.#show(response, interaction);
    if (request.method === 'POST') return this.#decide(request, response, interaction, replay);
    sendPage(response, 405, errorPage('This page accepts GET and POST only.'));
  }

  async #show(
    response: ServerResponse,
    interaction: Interaction,
    error?: string,
    readOnly = false,
    status = 200,
  ): Promise<void> {
    const { addresses } = this.#options;
    const { uid, params } = interaction;
    const redirectUri = String(params['redirect_uri']);
    const html = consentPage({
      client: await this.#clientName(interaction),
      vouchedBy: hostOf(String(params['client_id'])),
      redirectUri,
      asksToWrite: asksToWrite(interaction),
      readOnly,
      action: `${addresses.prefix}${paths.consent}/${uid}`,
      csrf: this.#csrf(uid),
      error,
    });
    sendPage(response, status, html, redirectUri);
  }

  async #decide(
    request: IncomingMessage,
    response: ServerResponse,
    interaction: Interaction,
    replay: IncomingMessage,
  ): Promise<void> {
    const { addresses } = this.#options;
    const form = new URLSearchParams(await bodyText(request));
    if (!isFromOwnPage(request, addresses) || !this.#isOwnForm(interaction.uid, form)) {
      return sendPage(response, 403, errorPage('This form was not sent by the page of this server.'));
    }
    if (form.get('decision') !== 'allow') {
      const denied = { error: 'access_denied', error_description: 'The owner denied the access.' };
      return this.#finish(replay, response, denied);
    }
    const readOnly = form.get('access') !== 'write' || !asksToWrite(interaction);
    if (!(await this.#isOwner(form.get('password') ?? '', interaction, readOnly, response))) return;
    const grantId = await this.#grant(interaction, readOnly).catch((error: unknown) => {
      this.#options.log(`OAuth: the permission could not be saved: ${messageOf(error)}`);
    });
    if (grantId === undefined) return sendPage(response, 500, notSaved);
    await this.#finish(replay, response, {
      login: { accountId: owner, remember: false },
      consent: { grantId },
    });
  }

  /** Sends the browser on to the client. The form may have been sent twice: then the login has ended. */
  async #finish(
    replay: IncomingMessage,
    response: ServerResponse,
    result: InteractionResults,
  ): Promise<void> {
    const { provider } = this.#options;
    try {
      await provider.interactionFinished(replay, response, result, { mergeWithLastSubmission: false });
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
      sendPage(response, 400, ended);
    }
  }

  /** Checks the password. Shows the page again if it is wrong. */
  async #isOwner(
    password: string,
    interaction: Interaction,
    readOnly: boolean,
    response: ServerResponse,
  ): Promise<boolean> {
    const { uid } = interaction;
    const tries = this.#tries.get(uid) ?? 0;
    const isOver = tries >= maxTries;
    if (!isOver) this.#count(uid, tries + 1); // before the check, so that tries at the same time count, too
    const verdict = isOver ? 'wrong' : await this.#options.owner.check(password);
    if (verdict === 'right') {
      this.#tries.delete(uid);
      return true;
    }
    if (verdict === 'busy') {
      this.#count(uid, (this.#tries.get(uid) ?? 1) - 1);
      await this.#show(response, interaction, 'Too many tries at this moment. Try again.', readOnly, 503);
    } else if (tries + 1 >= maxTries) {
      await interaction.destroy();
      sendPage(response, 403, errorPage('Too many wrong passwords.'));
    } else await this.#show(response, interaction, 'The password is wrong.', readOnly, 403);
    return false;
  }

  #count(uid: string, tries: number): void {
    this.#tries.set(uid, tries);
    const [oldest = ''] = this.#tries.keys();
    if (this.#tries.size > maxCounted) this.#tries.delete(oldest);
  }

  async #grant(interaction: Interaction, readOnly: boolean): Promise<string> {
    const { provider, addresses, store } = this.#options;
    const { params } = interaction;
    const grant = new provider.Grant({ accountId: owner, clientId: String(params['client_id']) });
    const granted = readOnly ? readScope : allScopes.join(' ');
    grant.addOIDCScope(granted);
    grant.addResourceScope(addresses.resource, granted);
    if (readOnly) {
      // Otherwise oidc-provider would ask again for what the owner did not allow.
      grant.rejectOIDCScope(writeScope);
      grant.rejectResourceScope(addresses.resource, writeScope);
    }
    const id = await grant.save();
    const about = {
      client: shownName(await this.#clientName(interaction)),
      leadsTo: targetOf(String(params['redirect_uri'])).name,
      scope: granted,
    };
    await store.change((rows) => {
      const row = rows.Grant[keyOf(id)];
      if (row) row.about = about;
    });
    return id;
  }

  async #clientName({ params }: Interaction): Promise<string> {
    const client = await this.#options.provider.Client.find(String(params['client_id']));
    return client?.clientName ?? '';
  }

  #csrf(uid: string): string {
    return createHmac('sha256', this.#key).update(uid).digest('base64url');
  }

  #isOwnForm(uid: string, form: URLSearchParams): boolean {
    const sent = Buffer.from(form.get('csrf') ?? '');
    const expected = Buffer.from(this.#csrf(uid));
    return sent.length === expected.length && timingSafeEqual(sent, expected);
  }
}

/** Browsers send "null" as the origin, because the page has the policy no-referrer, but also where the request came from. */
const isFromOwnPage = ({ headers }: IncomingMessage, { origin }: Addresses): boolean =>
  headers.origin === origin || (headers.origin === 'null' && headers['sec-fetch-site'] === 'same-origin');

const asksToWrite = ({ params }: Interaction): boolean =>
  String(params['scope']).split(' ').includes(writeScope);

/** Returns the host of a client id that is the URL of a metadata document. */
const hostOf = (clientId: string): string | undefined =>
  URL.canParse(clientId) && clientId.startsWith('https://') ? new URL(clientId).host : undefined;
