// A static fragment that is drawn anew after every save. Its HTML comes from citygrow's own escaping templates.

function drawFragment({ state }) {
  const element = make("div");
  place(element, state.html);
  return {
    element,
    update(next) {
      place(element, next.html);
      return true;
    },
  };
}

export default panel(drawFragment);
