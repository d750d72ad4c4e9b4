/** What of the web the app hands to the system's browser or mail program. Pure. */

/** The inference server's page about its own API, which is the same for whoever looks at it. */
const OWN_PAGE = /^http:\/\/127\.0\.0\.1:\d{1,5}\/docs$/;

/** The link as it is opened, or null. */
export function outsideUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, username, password, href } = new URL(url);
  if (username !== '' || password !== '') return null;
  return protocol === 'https:' || protocol === 'mailto:' || OWN_PAGE.test(href) ? href : null;
}
