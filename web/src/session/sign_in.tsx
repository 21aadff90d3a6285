// The sign-in page; also where a page lands whose session ended.
import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useRef, useState, type FormEvent } from 'react';

import { useSignIn } from './session';

export function SignIn({ wasSignedIn }: { wasSignedIn: boolean }) {
  const signIn = useSignIn();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const passwordInput = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // What is typed next replaces the password that was refused.
    signIn.mutate({ name, password }, { onError: () => passwordInput.current?.select() });
  };
  return (
    <main className="sign-in">
      <form onSubmit={submit} aria-labelledby="sign-in-title">
        <img src="/masthead.svg" alt="" width="40" height="40" />
        <h1 id="sign-in-title">Masthead</h1>
        {wasSignedIn && !signIn.isError && (
          <Alert color="yellow" variant="outline" role="status">
            You are signed out: the session ended or was closed elsewhere. Sign in to go on.
          </Alert>
        )}
        {signIn.isError && (
          <Alert color="red" variant="outline" role="alert">
            {signIn.error.message}
          </Alert>
        )}
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          ref={passwordInput}
          label="Password"
          visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed' }}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          maxLength={1024}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={signIn.isPending} fullWidth>
          Sign in
        </Button>
      </form>
    </main>
  );
}
