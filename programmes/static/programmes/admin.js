// A card that was just added is open, so that one can write into it.
document.addEventListener("formset:added", (event) => {
  const title = event.target.querySelector("h3.cursor-pointer strong");
  // Alpine sets the new row up after this event.
  if (title) setTimeout(() => title.click());
});
