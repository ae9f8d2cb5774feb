// An HTTP archive holds every request of a page, with its cookies. slimHar keeps of it what an autopsy
// looks at: the requests that carry a signature or an API key.

interface Named {
  name?: string;
  value?: string;
}
interface Entry {
  startedDateTime?: string;
  request?: {
    method?: string;
    url?: string;
    headers?: Named[];
    postData?: { mimeType?: string; text?: string; params?: Named[] };
  };
  response?: { status?: number; content?: { text?: string } };
  _webSocketMessages?: { type?: string; data?: string; time?: number }[];
}

export interface SlimHar {
  text: string;
  kept: number;
  dropped: number; // requests without signature and API key
  cookies: number; // headers that were left out: cookies and passwords
}

const secretHeader = /^(?:set-cookie2?|cookie2?|(?:proxy-)?authorization)$/i;
const answerMax = 2_000; // characters of an answer: its code and message stand at its beginning

function isSigned(entry: Entry): boolean {
  const { url = '', headers = [], postData } = entry.request ?? {};
  return (
    /[?&]signature=/.test(url) ||
    headers.some(({ name }) => name?.toLowerCase() === 'x-mbx-apikey') ||
    /signature/.test(postData?.text ?? '') ||
    (postData?.params ?? []).some(({ name }) => name === 'signature') ||
    (entry._webSocketMessages ?? []).some(({ type, data }) => type === 'send' && /"signature"/.test(data ?? ''))
  );
}

function slim(entry: Entry): Entry {
  const { method, url, headers = [], postData } = entry.request ?? {};
  const frames = (entry._webSocketMessages ?? []).filter(({ type }) => type === 'send');
  return {
    ...(entry.startedDateTime && { startedDateTime: entry.startedDateTime }),
    request: {
      ...(method && { method }),
      ...(url && { url }),
      headers: headers.filter(({ name = '' }) => !secretHeader.test(name)),
      ...(postData && { postData }),
    },
    response: {
      ...(entry.response?.status && { status: entry.response.status }),
      content: { text: (entry.response?.content?.text ?? '').slice(0, answerMax) },
    },
    ...(frames.length > 0 && { _webSocketMessages: frames }),
  };
}

// slimHar gives null for what is no archive.
export function slimHar(text: string): SlimHar | null {
  let entries: unknown;
  try {
    entries = (JSON.parse(text) as { log?: { entries?: unknown } } | null)?.log?.entries;
  } catch {
    return null;
  }
  if (!Array.isArray(entries)) {
    return null;
  }
  const signed = (entries as Entry[]).filter(isSigned);
  const cookies = signed.flatMap((entry) => entry.request?.headers ?? []);
  return {
    text: JSON.stringify({ log: { entries: signed.map(slim) } }, null, 1),
    kept: signed.length,
    dropped: entries.length - signed.length,
    cookies: cookies.filter(({ name = '' }) => secretHeader.test(name)).length,
  };
}
