// What `npm run lint` looks for besides types and layout.
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
    { ignores: ['dist', 'src/generated', 'node_modules'] },
    ...tseslint.configs.recommended,
    {
        files: ['src/**/*.{ts,tsx}'],
        plugins: { 'react-hooks': reactHooks },
        rules: {
            'react-hooks/rules-of-hooks': 'error',
            'react-hooks/exhaustive-deps': 'error',
            'max-lines': ['error', { max: 400 }],
            'no-console': 'error',
            eqeqeq: 'error',
        },
    },
    { files: ['src/**/*.tsx'], rules: { 'max-lines': ['error', { max: 300 }] } },
);
