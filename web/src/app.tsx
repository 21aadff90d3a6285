// Signed in or not, and the pages.
import { lazy, Suspense, useState } from 'react';
import { Navigate, Route, Routes } from 'react-router';

import { ConnectionsProvider } from './live/connections';
import { LivePage } from './live/live_page';
import { useSession } from './session/session';
import { SignIn } from './session/sign_in';
import { Header } from './shell/header';
import { Notices } from './shell/notices';

// The editor and the player are large, and most people never need them.
const PipelinesPage = lazy(() =>
  import('./pipelines/pipelines_page').then((page) => ({ default: page.PipelinesPage })),
);

const ReplayPage = lazy(() => import('./replay/replay_page').then((page) => ({ default: page.ReplayPage })));

export function App() {
  const session = useSession();
  const [wasSignedIn, setWasSignedIn] = useState(false);
  if (session.data && !wasSignedIn) setWasSignedIn(true);

  if (session.data === undefined) {
    return (
      <div className="stage-notice" role="status" data-level={session.failureCount > 0 ? 'caution' : 'busy'}>
        {session.failureCount > 0 && (
          <>
            <strong>The server does not answer</strong>
            <p>{session.failureReason?.message} Trying again by itself.</p>
          </>
        )}
      </div>
    );
  }
  if (session.data === null) return <SignIn wasSignedIn={wasSignedIn} />;
  return (
    <ConnectionsProvider key={session.data.name}>
      <Header user={session.data} />
      <Suspense fallback={<div className="stage-notice" aria-busy aria-label="Loading" />}>
        <Routes>
          <Route path="/live" element={<LivePage user={session.data} />} />
          <Route path="/replay" element={<ReplayPage user={session.data} />} />
          <Route path="/pipelines/:name?" element={<PipelinesPage user={session.data} />} />
          <Route path="*" element={<Navigate to="/live" replace />} />
        </Routes>
      </Suspense>
      <Notices />
    </ConnectionsProvider>
  );
}
