use super::api::{BookCount, CountAgain, CountView, EndCount, RecordCount, read_count};
use super::counts_page::badge;
use crate::components::{booked_words, emptied_after, times_done, use_live};
use crate::error::ApiError;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, TextArea, Tone, When, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use waybill::inventory::counts::CountState;
use waybill::inventory::counts::views::{CountLineView, Difference};

/// `/stock/counts/:number`: counting, and booking what differs.
#[derive(Debug)]
pub struct CountPage;

#[derive(Clone, Copy)]
struct Actions {
    record: ServerAction<RecordCount>,
    end: ServerAction<EndCount>,
    book: ServerAction<BookCount>,
    again: ServerAction<CountAgain>,
}

impl Actions {
    /// What went wrong with the steps other than counting.
    fn trouble(self) -> Option<ApiError> {
        let end = self.end.value().get().and_then(Result::err);
        let book = self.book.value().get().and_then(Result::err);
        end.or(book).or_else(|| self.again.value().get().and_then(Result::err))
    }
}

impl CountPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let live = use_live();
        let actions = Actions { record: ServerAction::new(), end: ServerAction::new(), book: ServerAction::new(), again: ServerAction::new() };
        let recorded = times_done(actions.record);
        let count = load(
            move || {
                let steps = (actions.end.version().get(), actions.book.version().get(), actions.again.version().get());
                (params.read().get("number").unwrap_or_default(), live.get(), recorded.get(), steps)
            },
            |(number, ..)| read_count(number),
        );
        view! {
            <div data-live="desk">
                <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                    {move || count.get().map(|answer| match answer {
                        Ok(page) => view! { <Whole page actions recorded/> }.into_any(),
                        Err(error) => view! { <PageError error/> }.into_any(),
                    })}
                </Transition>
            </div>
        }
        .into_any()
    }
}

#[component]
fn Whole(page: CountView, actions: Actions, recorded: Memo<u32>) -> impl IntoView {
    let CountView { count, may_count, may_book } = page;
    let (open, review) = (count.state == CountState::Open, count.state == CountState::Review);
    let number = count.number.clone();
    let left = count.lines.iter().filter(|l| l.counted.is_none()).count();
    let books_seen = count.lines.iter().any(|l| l.difference.is_some());
    let undecided = count.lines.iter().filter(|l| l.difference.is_some_and(|d| d.units != 0 && !d.booked)).count();
    let rows = {
        let number = number.clone();
        let decides = review && may_book;
        count.lines.iter().cloned().map(move |line| view! { <Line number=number.clone() line books_seen decides actions/> }).collect_view()
    };
    let booked = move || Some(booked_words(actions.book.value().get()?.ok()?));
    view! {
        <Title text=number.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/stock/counts">"Counts"</a></nav>
        <header class="flex flex-wrap items-center gap-x-4 gap-y-2 pt-1 pb-6">
            <h1 class="page-title code">{number.clone()}</h1>{badge(count.state)}
            <span class="text-ink-soft">{count.location.clone()}" · begun "<When at=count.opened_at/>{count.ended_at.map(|at| view! { ", ended "<When at/> })}</span>
        </header>
        {(!count.note.is_empty()).then(|| view! { <p class="pb-6">{count.note.clone()}</p> })}
        {move || actions.trouble().map(|e| view! { <div class="pb-6"><ErrorNote text=e.everything()/></div> })}
        <p role="status" class="text-sm text-good pb-2">{booked}</p>
        <div class="grid gap-6 lg:grid-cols-[1fr_22rem] items-start">
            <div class="table-wrap" tabindex="0"><table class="table table-dense">
                <thead><tr>
                    <th scope="col">"What"</th><th scope="col" class="num">"Counted"</th>
                    {books_seen.then(|| view! { <th scope="col" class="num">"Books"</th><th scope="col" class="num">"Difference"</th><th scope="col"><span class="sr-only">"State"</span></th> })}
                </tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            <div class="grid gap-6 order-first lg:order-none">
                {(open && may_count).then(|| {
                    let number = number.clone();
                    view! {
                        <Record number=number.clone() actions recorded/>
                        <HandIn number left actions/>
                    }
                })}
                {(review && may_book && undecided > 0).then(|| view! { <Decide number=number.clone() undecided actions/> })}
                {(review && !may_book).then(|| view! { <p class="card text-ink-soft">"Handed in. Somebody who may correct stock looks at what differs."</p> })}
            </div>
        </div>
    }
}

#[component]
fn Line(number: String, line: CountLineView, books_seen: bool, decides: bool, actions: Actions) -> impl IntoView {
    let CountLineView { sku, name, counted, difference, counted_by, .. } = line;
    let who = counted_by.map(|who| view! { <span class="block text-sm text-ink-soft font-normal">"by "{who}</span> });
    let details = books_seen.then(|| match difference {
        None => view! { <td></td><td></td><td class="text-ink-soft">"Not counted: stays as it is"</td> }.into_any(),
        Some(Difference { book, in_picking, units, booked }) => {
            let sign = if units > 0 { format!("+{units}") } else { units.to_string() };
            let state = match (units, booked) {
                (0, _) => view! { <Badge tone=Tone::Good text="Agrees"/> }.into_any(),
                (_, true) => view! { <Badge tone=Tone::Good text="Booked"/> }.into_any(),
                (..) if decides => {
                    let form = (number.clone(), sku.clone());
                    let again = form.clone();
                    view! {
                        <div class="flex flex-wrap gap-2">
                            <ActionForm action=actions.book><OneSku of=form.clone()/>
                                <button class="button-quiet" aria-label=format!("Book {}", form.1)>"Book"</button></ActionForm>
                            <ActionForm action=actions.again><OneSku of=again.clone()/>
                                <button class="button-quiet" aria-label=format!("Count again: {}", again.1)>"Count again"</button></ActionForm>
                        </div>
                    }
                    .into_any()
                }
                (..) => view! { <Badge tone=Tone::Warn text="Not booked"/> }.into_any(),
            };
            let picking = (in_picking > 0)
                .then(|| view! { <span class="block text-sm text-ink-soft font-normal">{format!("{in_picking} were just being picked")}</span> });
            view! { <td class="num">{book}{picking}</td><td class="num font-semibold">{sign}</td><td>{state}</td> }.into_any()
        }
    });
    view! {
        <tr>
            <th scope="row"><a class="link code" href=format!("/stock/{}", encode(&sku))>{sku.clone()}</a><span class="block font-normal">{name}</span></th>
            <td class="num font-semibold">{counted.map_or_else(|| "–".to_owned(), |n| n.to_string())}{who}</td>
            {details}
        </tr>
    }
}

/// A form's hidden part: the count and the SKU.
#[component]
fn OneSku(of: (String, String)) -> impl IntoView {
    view! { <input type="hidden" name="number" value=of.0/><input type="hidden" name="sku" value=of.1/> }
}

#[component]
fn Record(number: String, actions: Actions, recorded: Memo<u32>) -> impl IntoView {
    let form = emptied_after(recorded);
    let error = move || actions.record.value().get().and_then(Result::err);
    let done = move || match actions.record.value().get()?.ok()? {
        1 => Some("One SKU saved.".to_owned()),
        n => Some(format!("{n} SKUs saved.")),
    };
    view! {
        <section class="card">
            <h2 class="font-semibold">"Count"</h2>
            <ActionForm action=actions.record node_ref=form attr:class="mt-4 grid gap-4">
                {move || error().map(|e| view! { <ErrorNote text=e.everything()/> })}
                <p role="status" class="text-sm text-good">{done}</p>
                <input type="hidden" name="number" value=number/>
                <TextArea name="lines" label="What stands there" rows=8 hint="Scan each thing, or type a SKU and how many: LI100 3, or LI100 0. One a line. Count all places of a thing before you send it: its last figure counts."/>
                <Button pending=actions.record.pending()>"Save the count"</Button>
            </ActionForm>
        </section>
    }
}

#[component]
fn HandIn(number: String, left: usize, actions: Actions) -> impl IntoView {
    let cancel = number.clone();
    let words = match left {
        0 => "Everything is counted.".to_owned(),
        1 => "One SKU is not counted yet. Handed in now, it stays in the books as it is.".to_owned(),
        n => format!("{n} SKUs are not counted yet. Handed in now, they stay in the books as they are."),
    };
    view! {
        <section class="card">
            <h2 class="font-semibold">"Done?"</h2>
            <p class="mt-2 text-ink-soft">{words}</p>
            <ActionForm action=actions.end attr:class="mt-4 flex flex-wrap gap-3">
                <input type="hidden" name="number" value=number/>
                <Button pending=actions.end.pending()>"Hand in"</Button>
            </ActionForm>
            <details class="mt-4">
                <summary class="link min-h-6">"Call the count off"</summary>
                <ActionForm action=actions.end attr:class="mt-3 grid gap-3">
                    <p class="text-ink-soft">"Nothing of it is booked, and it cannot be taken up again."</p>
                    <input type="hidden" name="number" value=cancel/>
                    <p><button class="button-quiet" name="cancel" value="yes">"Call it off"</button></p>
                </ActionForm>
            </details>
        </section>
    }
}

#[component]
fn Decide(number: String, undecided: usize, actions: Actions) -> impl IntoView {
    let words = if undecided == 1 { "One figure differs from the books.".to_owned() } else { format!("{undecided} figures differ from the books.") };
    let again = number.clone();
    view! {
        <section class="card">
            <h2 class="font-semibold">"What differs"</h2>
            <p class="mt-2 text-ink-soft">{words}" What was sold or received since changes nothing about it: booking adds or takes off the difference. Counting again sends the count back to the shelf."</p>
            <div class="mt-4 flex flex-wrap gap-3">
                <ActionForm action=actions.book><input type="hidden" name="number" value=number/><Button pending=actions.book.pending()>"Book all"</Button></ActionForm>
                <ActionForm action=actions.again><input type="hidden" name="number" value=again/><button class="button-quiet">"Have them counted again"</button></ActionForm>
            </div>
        </section>
    }
}
