/** What a channel is told: one message for everything that is new on an endpoint. Pure. */
import type { Alert, Channel, Severity } from '../../../contract/alerts.ts';
import type { MessageKind } from './channels.store.ts';

export type Told = { alert: Alert; what: MessageKind[] };
export type Letter = {
  /** The same when it is sent again, so that whoever reads it can tell. */
  id: string;
  endpoint: string;
  told: readonly Told[];
  /** Open alerts that are explained by those that are told. */
  explained: number;
  /** Where the UI is served, without its token; null on the desktop. */
  uiUrl: string | null;
};

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };
export const reaches = (severity: Severity, least: Severity): boolean => RANK[severity] >= RANK[least];

/** Slack's limits: 50 blocks, 3,000 signs of text in one. */
const SHOWN = 40;
const MOST_TEXT = 2_900;

export function bodyOf(kind: Channel['kind'], letter: Letter): string {
  return JSON.stringify(kind === 'slack' ? slackBody(letter) : jsonBody(letter));
}

/** “2 alerts, 1 over on flight-delay”. */
export function headline({ endpoint, told }: Letter): string {
  const firing = told.filter(({ alert }) => alert.state === 'firing').length;
  const past = told.filter(({ alert }) => alert.was).length;
  const over = told.length - firing - past;
  const parts = [
    ...(firing > 0 ? [firing === 1 ? '1 alert' : `${firing} alerts`] : []),
    ...(over > 0 ? [`${over} over`] : []),
    ...(past > 0 ? [`${past} that came and went`] : []),
  ];
  return `${parts.join(', ')} on ${endpoint}`;
}

function stateText({ alert, what }: Told): string {
  if (alert.was) return `${alert.severity}, came and went`;
  if (alert.state === 'resolved') return what.includes('opened') ? 'came and is over' : 'is over';
  return what.includes('opened') ? alert.severity : `${alert.severity}, still there`;
}

function slackBody(letter: Letter) {
  const shown = letter.told.slice(0, SHOWN);
  const more = letter.told.length - shown.length;
  const section = (text: string) => ({
    type: 'section',
    text: { type: 'mrkdwn', text: text.slice(0, MOST_TEXT) },
  });
  const title = headline(letter);
  const lines = [
    ...(more > 0 ? [`and ${more} more`] : []),
    ...(letter.explained > 0 ? [`${letter.explained} more are explained by these.`] : []),
  ];
  return {
    text: `Lathe: ${slack(title)}`,
    blocks: [
      section(`*${slack(title)}*`),
      ...shown.map((told) => {
        const { alert } = told;
        const link = letter.uiUrl === null ? '' : `\n<${letter.uiUrl}alerts/${alert.id}|Look at it>`;
        return section(`*${slack(alert.title)}* (${stateText(told)})\n${slack(alert.text)}${link}`);
      }),
      ...(lines.length > 0 ? [section(lines.join('\n'))] : []),
    ],
  };
}

/** The three signs that mean something in Slack's text. */
const slack = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function jsonBody(letter: Letter) {
  const { id, endpoint, told, explained, uiUrl } = letter;
  return {
    app: 'lathe',
    version: 1,
    id,
    endpoint,
    text: headline(letter),
    explained,
    alerts: told.map(({ alert, what }) => ({
      ...{ id: alert.id, events: what, state: alert.state, severity: alert.severity },
      ...{ title: alert.title, text: alert.text, series: alert.series, per: alert.per },
      ...{ arm: alert.arm, slice: alert.slice, modelVersion: alert.version },
      ...{ value: alert.value, limit: alert.limit, n: alert.n },
      ...{ windowMs: alert.windowMs, openedMs: alert.openedMs, resolvedMs: alert.resolvedMs },
      ...{ was: alert.was, overMs: alert.overMs },
      url: uiUrl === null ? null : `${uiUrl}alerts/${alert.id}`,
    })),
  };
}
