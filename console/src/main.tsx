import './trusted_types';
import '@mantine/core/styles.css';
import '@mantine/spotlight/styles.css';
import './app/fonts.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { asProblem } from './api/problem';
import { router } from './app/router';
import { SignInAgain } from './app/sign_in_again';
import { StepUp } from './app/step_up';
import { theme } from './app/theme';
import { startLanguages } from './i18n';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // A refusal is an answer: asking again does not change it. A fault may pass.
      retry: (failures, error) => asProblem(error).isFault && failures < 2,
      refetchOnWindowFocus: true,
    },
  },
});

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
// The library below dialogs, which holds the page still, asks for it under this name.
Object.assign(globalThis, { __webpack_nonce__: nonce });

void startLanguages().then(() => {
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
          <StepUp />
          <SignInAgain />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
});
