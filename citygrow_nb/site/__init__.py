"""The workbooks as a static site that runs in a browser (JupyterLite): building it, and how a kernel begins there."""
