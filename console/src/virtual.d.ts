declare module 'virtual:openapi' {
  import type { Spec } from '~/screens/reference/spec';
  const spec: Spec;
  export default spec;
}
