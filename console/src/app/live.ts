import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import type { LiveKey, LiveRequest } from '~/api/types';

type LiveEvent = ({ kind: 'key' } & LiveKey) | ({ kind: 'request' } & LiveRequest);
type Listener = (event: LiveEvent) => void;
export interface LiveState {
  state: 'idle' | 'open' | 'lost';
  since: number;
}

// LiveHub is the page's one stream of server-sent events. Whoever listens names a topic; the stream
// is opened anew when the set of topics changes, and goes on by itself when it breaks
// (Last-Event-ID is the browser's work).
class LiveHub {
  private readonly topics = new Map<string, Set<Listener>>();
  private readonly watchers = new Set<() => void>();
  private source: EventSource | undefined;
  private pending = false;
  now: LiveState = { state: 'idle', since: Date.now() };

  listen(topic: string, listener: Listener) {
    const listeners = this.topics.get(topic) ?? new Set();
    listeners.add(listener);
    this.topics.set(topic, listeners);
    if (listeners.size === 1) {
      this.reopenSoon();
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) {
        this.topics.delete(topic);
        this.reopenSoon();
      }
    };
  }

  watch = (watcher: () => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  // A screen that is left and the one that is entered change the topics in one go.
  private reopenSoon() {
    if (!this.pending) {
      this.pending = true;
      queueMicrotask(() => {
        this.pending = false;
        this.reopen();
      });
    }
  }

  private reopen() {
    this.source?.close();
    this.source = undefined;
    if (this.topics.size === 0 || typeof EventSource === 'undefined') {
      this.become('idle');
      return;
    }
    const topics = [...this.topics.keys()].toSorted().join(',');
    const source = new EventSource(`/api/v1/events?topics=${encodeURIComponent(topics)}`);
    source.onopen = () => this.become('open');
    source.onerror = () => this.become('lost');
    for (const kind of ['key', 'request'] as const) {
      source.addEventListener(kind, (message) => this.hand(kind, message.data as string));
    }
    this.source = source;
  }

  private hand(kind: LiveEvent['kind'], text: string) {
    const event = { kind, ...JSON.parse(text) } as LiveEvent;
    const topic = kind === 'key' ? 'keys' : `key:${event.api_key}`;
    this.topics.get(topic)?.forEach((listener) => listener(event));
  }

  private become(state: LiveState['state']) {
    if (this.now.state !== state) {
      this.now = { state, since: Date.now() };
      this.watchers.forEach((tell) => tell());
    }
  }
}

const hub = new LiveHub();

export function useLive(topic: string, listener: Listener) {
  const tell = useEffectEvent(listener);
  useEffect(() => hub.listen(topic, (event) => tell(event)), [topic]);
}

export function useLiveState(): LiveState {
  return useSyncExternalStore(hub.watch, () => hub.now);
}
