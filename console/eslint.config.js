import query from '@tanstack/eslint-plugin-query';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

export default ts.config(
  { ignores: ['dist', 'src/api/schema.d.ts'] },
  ...ts.configs.strict,
  ...query.configs['flat/recommended'],
  hooks.configs.flat.recommended,
  {
    files: ['{src,mock,test}/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        { paths: [{ name: 'zod', message: 'Import from zod/mini: a quarter of the size.' }] },
      ],
      'no-restricted-globals': [
        'error',
        {
          name: 'sessionStorage',
          message: 'Nothing but theme and language is kept, and in wanted_place.ts the way on.',
        },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]', message: 'Text nodes only.' },
        { selector: 'MemberExpression[property.name=/^(innerHTML|outerHTML)$/]', message: 'Text nodes only.' },
      ],
    },
  },
  { files: ['src/screens/login/wanted_place*.ts'], rules: { 'no-restricted-globals': 'off' } },
);
