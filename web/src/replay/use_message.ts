// One short message about what somebody just did; it goes by itself.
import { useCallback, useEffect, useState } from 'react';

export interface Message {
  text: string;
  level?: 'alarm';
}

const kShownMs = 8000;

export function useMessage(): [Message | undefined, (message: Message) => void] {
  const [message, setMessage] = useState<Message>();
  useEffect(() => {
    if (!message) return;
    const timer = setTimeout(() => setMessage(undefined), kShownMs);
    return () => clearTimeout(timer);
  }, [message]);
  return [message, useCallback((next: Message) => setMessage(next), [])];
}
