use super::api::{ChangeImage, ProductChoices, RemoveImage, SaveProduct, SetKit, SetPrice, read_product};
use crate::components::times_done;
use crate::layout::PageError;
use crate::loaded::load;
use crate::ui::{Badge, Button, ErrorNote, FileField, SelectField, TextArea, TextField, Tone, encode};
use leptos::form::ActionForm;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use waybill::catalog::views::{ImageView, ProductRecord, SkuRecord};
use waybill::catalog::{Handling, ProductInput, SkuInput, Unit};
use waybill::customers::views::CustomerGroup;

/// `/catalog/:handle`: one product, its variants, their prices, and what kits are made of.
#[derive(Debug)]
pub struct ProductRecordPage;

/// `/catalog/new`: a product that is not there yet.
#[derive(Debug)]
pub struct NewProductPage;

#[derive(Clone, Copy)]
struct Actions {
    save: ServerAction<SaveProduct>,
    price: ServerAction<SetPrice>,
    kit: ServerAction<SetKit>,
    image: ServerAction<ChangeImage>,
    no_image: ServerAction<RemoveImage>,
}

impl ProductRecordPage {
    pub(super) fn view() -> AnyView {
        let params = use_params_map();
        let query = use_query_map();
        let actions = Actions {
            save: ServerAction::new(),
            price: ServerAction::new(),
            kit: ServerAction::new(),
            image: ServerAction::new(),
            no_image: ServerAction::new(),
        };
        let done =
            (times_done(actions.save), times_done(actions.price), times_done(actions.kit), times_done(actions.image), times_done(actions.no_image));
        let changes = move || (done.0.get(), done.1.get(), done.2.get(), done.3.get(), done.4.get());
        let product = load(move || (params.read().get("handle").unwrap_or_default(), changes()), |(handle, _)| read_product(handle));
        let problem = move || query.read().get("problem").map(|text| view! { <div class="pt-6"><ErrorNote text/></div> });
        view! {
            {problem}
            <Transition fallback=|| view! { <div class="skeleton h-96 mt-6" aria-busy="true"></div> }>
                {move || product.get().map(|answer| match answer {
                    Ok(page) => view! { <Whole page actions/> }.into_any(),
                    Err(error) => view! { <PageError error/> }.into_any(),
                })}
            </Transition>
        }
        .into_any()
    }
}

#[component]
fn Whole(page: ProductChoices, actions: Actions) -> impl IntoView {
    let ProductChoices { record: ProductRecord { handle, product, images, skus }, channels, customer_groups } = page;
    let saved = move || {
        let done = [
            actions.save.value().get(),
            actions.price.value().get(),
            actions.kit.value().get(),
            actions.image.value().get(),
            actions.no_image.value().get(),
        ];
        done.into_iter().flatten().any(|answer| answer.is_ok()).then_some("Saved.")
    };
    let error = Signal::derive(move || actions.save.value().get().and_then(Result::err));
    let trouble = move || {
        let answers = [actions.price.value().get(), actions.kit.value().get(), actions.image.value().get(), actions.no_image.value().get()];
        answers.into_iter().flatten().find_map(Result::err)
    };
    let pictured = handle.clone();
    let several = !product.options.is_empty();
    let cards = {
        let (handle, product) = (handle.clone(), product.clone());
        skus.into_iter()
            .map(move |sku| {
                let (channels, groups) = (channels.clone(), customer_groups.clone());
                view! { <Variant handle=handle.clone() product=product.clone() record=sku channels groups actions/> }
            })
            .collect_view()
    };
    let variant = several.then(|| view! { <NewVariant handle=handle.clone() product=product.clone() actions/> });
    view! {
        <Title text=product.name.clone()/>
        <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/catalog">"Catalogue"</a></nav>
        <header class="flex flex-wrap items-end justify-between gap-4 pt-1 pb-6">
            <h1 class="page-title">{product.name.clone()}</h1>
            <a class="button-quiet" href=format!("/p/{}", encode(&handle)) rel="external">"See it in the shop"</a>
        </header>
        {move || error.get().map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> })}
        {move || trouble().map(|e| view! { <div class="pb-4"><ErrorNote text=e.everything()/></div> })}
        <p role="status" class="text-sm text-good pb-2">{saved}</p>
        <div class="grid gap-6 lg:grid-cols-[1fr_24rem] items-start">
            <div class="grid gap-6">{cards}</div>
            <div class="grid gap-6">
                <section class="card">
                    <h2 class="font-semibold">"Product"</h2>
                    <ActionForm action=actions.save attr:class="mt-4 grid gap-4" attr:novalidate="">
                        <input type="hidden" name="form[handle]" value=handle.clone()/>
                        <ProductFields product=product.clone() error/>
                        <Button pending=actions.save.pending()>"Save the product"</Button>
                    </ActionForm>
                </section>
                {variant}
                <Pictures handle=pictured images actions/>
            </div>
        </div>
    }
}

#[component]
fn Pictures(handle: String, images: Vec<ImageView>, actions: Actions) -> impl IntoView {
    let upload = format!("/catalog/{handle}/images");
    let rows = (1..)
        .zip(images)
        .map(|(no, image)| {
            let (width, height, id) = (image.width.to_string(), image.height.to_string(), image.id.to_string());
            view! {
                <li class="grid grid-cols-[5rem_1fr] gap-4 items-start py-4">
                    <img class="picture" src=image.small() width=width height=height loading="lazy" alt=image.description.clone()/>
                    <div class="grid gap-2">
                        <Describe handle=handle.clone() no image actions/>
                        <Remove handle=handle.clone() no id actions/>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="card">
            <h2 class="font-semibold">"Pictures"</h2>
            <ul class="divide-y divide-line empty:hidden">{rows}</ul>
            <form method="post" action=upload enctype="multipart/form-data" class="mt-4 grid gap-4">
                <FileField name="file" label="Picture" accept="image/jpeg,image/png,image/webp" hint="JPEG, PNG or WebP, at most 16 MB. Where and when it was taken is not kept."/>
                <TextField name="description" label="What it shows" required=true hint="For those who do not see it."/>
                <p><button class="button-quiet">"Add the picture"</button></p>
            </form>
        </section>
    }
}

#[component]
fn Describe(handle: String, no: usize, image: ImageView, actions: Actions) -> impl IntoView {
    let (says, saves) = (format!("What picture {no} shows"), format!("Save picture {no}"));
    view! {
        <ActionForm action=actions.image attr:class="grid gap-2">
            <input type="hidden" name="handle" value=handle/>
            <input type="hidden" name="id" value=image.id.to_string()/>
            <input class="field" name="description" value=image.description aria-label=says required/>
            {(no > 1).then(|| view! { <label class="flex items-center gap-2 min-h-6 text-sm"><input type="checkbox" name="first" value="true"/>"Show it first"</label> })}
            <p><button class="button-quiet" aria-label=saves>"Save"</button></p>
        </ActionForm>
    }
}

#[component]
fn Remove(handle: String, no: usize, id: String, actions: Actions) -> impl IntoView {
    let removes = format!("Remove picture {no}");
    view! {
        <ActionForm action=actions.no_image>
            <input type="hidden" name="handle" value=handle/>
            <input type="hidden" name="id" value=id/>
            <button class="link min-h-6 text-sm" aria-label=removes>"Remove"</button>
        </ActionForm>
    }
}

#[component]
fn NewVariant(handle: String, product: ProductInput, actions: Actions) -> impl IntoView {
    let sku = SkuInput { name: product.name.clone(), ..SkuInput::default() };
    let options = product.options.clone();
    view! {
        <section class="card">
            <h2 class="font-semibold">"New variant"</h2>
            <ActionForm action=actions.save attr:class="mt-4 grid gap-4" attr:novalidate="">
                <Hidden handle product/>
                <TextField name="form[code]" label="SKU" required=true/>
                <SkuFields sku options scope="new".to_owned()/>
                <Button pending=actions.save.pending()>"Add it"</Button>
            </ActionForm>
        </section>
    }
}

/// What a form of a variant sends of the product unchanged.
#[component]
fn Hidden(handle: String, product: ProductInput) -> impl IntoView {
    view! {
        <input type="hidden" name="form[handle]" value=handle/>
        <input type="hidden" name="form[name]" value=product.name/>
        <input type="hidden" name="form[description]" value=product.description/>
        <input type="hidden" name="form[category]" value=product.category/>
        <input type="hidden" name="form[brand]" value=product.brand/>
        <input type="hidden" name="form[tags]" value=product.tags.join(", ")/>
        <input type="hidden" name="form[options]" value=product.options.join(", ")/>
    }
}

#[component]
fn ProductFields(product: ProductInput, #[prop(into)] error: Signal<Option<crate::error::ApiError>>) -> impl IntoView {
    let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
    view! {
        <TextField name="form[name]" label="Name" required=true value=product.name error=of("/name")/>
        <TextField name="form[category]" label="Category" required=true value=product.category error=of("/category")/>
        <TextField name="form[brand]" label="Brand" value=product.brand error=of("/brand")/>
        <TextField name="form[tags]" label="Tags" value=product.tags.join(", ") hint="Such as new, outlet: with commas between them. Routing rules can ask for them." error=of("/tags")/>
        <TextArea name="form[description]" label="Description" rows=4 prose=true value=product.description/>
        <TextField name="form[options]" label="Options" value=product.options.join(", ") hint="Such as Size, Colour: with commas between them." error=of("/options")/>
    }
}

#[component]
fn SkuFields(sku: SkuInput, options: Vec<String>, scope: String) -> impl IntoView {
    let units = Unit::ALL.iter().map(|u| (u.to_string(), u.to_string())).collect::<Vec<_>>();
    let number = |n: Option<i32>| n.map(|n| n.to_string()).unwrap_or_default();
    let percent = f64::from(sku.tax_rate_bp) / 100.0;
    let handling = Handling::ALL
        .iter()
        .map(|h| {
            let (name, checked) = (format!("form[{h}]"), sku.handling.iter().any(|word| word == h.as_str()));
            view! { <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name=name value="true" checked=checked/>{h.label()}</label> }
        })
        .collect_view();
    view! {
        <TextField scope=scope.clone() name="form[sku_name]" label="Name" value=sku.name/>
        {(!options.is_empty()).then(|| view! { <TextField scope=scope.clone() name="form[option_values]" label="Variant" value=sku.option_values.join(", ") hint="One value for each thing that it varies in, with commas between them."/> })}
        <TextField scope=scope.clone() name="form[gtin]" label="GTIN" value=sku.gtin/>
        <div class="grid gap-4 grid-cols-2 items-end">
            <TextField scope=scope.clone() name="form[weight_grams]" label="Weight, grams" kind="number" value=sku.weight_grams.to_string()/>
            <TextField scope=scope.clone() name="form[tax_percent]" label="VAT, %" value=percent.to_string()/>
            <TextField scope=scope.clone() name="form[length_mm]" label="Length, mm" kind="number" value=number(sku.length_mm)/>
            <TextField scope=scope.clone() name="form[width_mm]" label="Width, mm" kind="number" value=number(sku.width_mm)/>
            <TextField scope=scope.clone() name="form[height_mm]" label="Height, mm" kind="number" value=number(sku.height_mm)/>
            <SelectField scope=scope.clone() name="form[unit]" label="Unit" options=units selected=sku.unit/>
            <TextField scope=scope.clone() name="form[personalisation_max]" label="Room for a text" kind="number" value=number(sku.personalisation_max) hint="Characters that can be put on it."/>
            <TextField scope=scope.clone() name="form[skill]" label="Skill" value=sku.skill hint="Only of a service, which is done at a time that is booked: what those who come can do, such as installation."/>
        </div>
        <fieldset class="grid gap-2">
            <legend class="text-sm font-medium mb-2">"To be minded when it is carried"</legend>
            <div class="flex flex-wrap gap-x-5 gap-y-2">{handling}</div>
        </fieldset>
        <TextField scope=scope.clone() name="form[substitutes]" label="Substitutes" value=sku.substitutes.join(", ") hint="SKUs that may be sent in its place where it is missing and the customer agrees, the best first, with commas between them."/>
        <label class="flex items-center gap-2 min-h-6"><input type="checkbox" name="form[retired]" value="true" checked=sku.retired/>"Not sold any more"</label>
    }
}

#[component]
fn Variant(
    handle: String,
    product: ProductInput,
    record: SkuRecord,
    channels: Vec<(String, String)>,
    groups: Vec<CustomerGroup>,
    actions: Actions,
) -> impl IntoView {
    let SkuRecord { sku, prices, parts } = record;
    let code = sku.code.clone();
    let name_of = |channel: &String| channels.iter().find(|c| c.0 == *channel).map_or_else(|| channel.clone(), |c| c.1.clone());
    let price_rows = prices
        .iter()
        .map(|p| {
            let group = p.customer_group.as_ref().and_then(|code| groups.iter().find(|g| g.code == *code));
            let who = group.map(|g| format!(" ({})", g.name)).unwrap_or_default();
            view! { <li class="flex justify-between gap-4"><span>{name_of(&p.channel)}{who}</span><span class="tabular-nums">{p.price.clone()}" "{p.currency.clone()}</span></li> }
        })
        .collect_view();
    let none = prices.is_empty();
    let all: Vec<_> = std::iter::once((String::new(), "Everybody".to_owned())).chain(groups.into_iter().map(|g| (g.code, g.name))).collect();
    let listed = parts.iter().map(|(code, _, n)| format!("{code} {n}")).collect::<Vec<_>>().join("\n");
    let is_kit = !parts.is_empty();
    let parts_rows = parts
        .into_iter()
        .map(|(code, name, n)| view! { <li>{format!("{n} × ")}<a class="link code" href=format!("/stock/{}", encode(&code))>{code.clone()}</a>" "{name}</li> })
        .collect_view();
    let (is, costs, made) = (code.clone(), code.clone(), code.clone());
    let (values, retired) = (sku.option_values.join(", "), sku.retired);
    view! {
        <section class="card">
            <h2 class="font-semibold flex flex-wrap items-center gap-3"><span><span class="code">{code}</span>" "{values}</span>
                {retired.then(|| view! { <Badge tone=Tone::Neutral text="Not sold any more"/> })}</h2>
            <div class="mt-4 grid gap-6 md:grid-cols-2">
                <details>
                    <summary class="link min-h-6">"What it is"</summary>
                    <SkuForm code=is handle product sku actions/>
                </details>
                <div>
                    <h3 class="text-sm font-medium">"Prices"</h3>
                    {if none { view! { <p class="mt-2 text-ink-soft">"Not on sale anywhere."</p> }.into_any() } else { view! { <ul class="mt-2 grid gap-1">{price_rows}</ul> }.into_any() }}
                    <details class="mt-3">
                        <summary class="link min-h-6">"Set a price"</summary>
                        <PriceForm code=costs channels groups=all actions/>
                    </details>
                    <h3 class="mt-6 text-sm font-medium">"Kit"</h3>
                    {if is_kit { view! { <ul class="mt-2 grid gap-1">{parts_rows}</ul> }.into_any() } else { view! { <p class="mt-2 text-ink-soft">"Not a kit."</p> }.into_any() }}
                    <details class="mt-3">
                        <summary class="link min-h-6">"Set what it is made of"</summary>
                        <KitForm code=made listed actions/>
                    </details>
                </div>
            </div>
        </section>
    }
}

#[component]
fn SkuForm(code: String, handle: String, product: ProductInput, sku: SkuInput, actions: Actions) -> impl IntoView {
    let (label, options, scope) = (format!("Save {code}"), product.options.clone(), code.clone());
    view! {
        <ActionForm action=actions.save attr:class="mt-4 grid gap-4" attr:novalidate="">
            <Hidden handle product/>
            <input type="hidden" name="form[code]" value=code/>
            <SkuFields sku options scope/>
            <p><button class="button-quiet" aria-label=label>"Save"</button></p>
        </ActionForm>
    }
}

#[component]
fn PriceForm(code: String, channels: Vec<(String, String)>, groups: Vec<(String, String)>, actions: Actions) -> impl IntoView {
    let label = format!("Set the price of {code}");
    let scope = code.clone();
    let customers = (groups.len() > 1).then(|| view! { <SelectField name="customer_group" scope=scope.clone() label="Customers" options=groups/> });
    view! {
        <ActionForm action=actions.price attr:class="mt-4 grid gap-4">
            <input type="hidden" name="sku" value=code/>
            <SelectField name="channel" scope=scope.clone() label="Channel" options=channels/>
            {customers}
            <TextField name="price" scope=scope.clone() label="Price" hint="Such as 12.50. Empty takes it off sale there."/>
            <p><button class="button-quiet" aria-label=label>"Set"</button></p>
        </ActionForm>
    }
}

#[component]
fn KitForm(code: String, listed: String, actions: Actions) -> impl IntoView {
    let (label, scope) = (format!("Set the parts of {code}"), code.clone());
    view! {
        <ActionForm action=actions.kit attr:class="mt-4 grid gap-4">
            <input type="hidden" name="sku" value=code/>
            <TextArea name="parts" scope=scope label="Parts" rows=4 value=listed hint="A SKU and how many: LI100 2. One a line. Empty: not a kit."/>
            <p><button class="button-quiet" aria-label=label>"Set"</button></p>
        </ActionForm>
    }
}

impl NewProductPage {
    pub(super) fn view() -> AnyView {
        let save = ServerAction::<SaveProduct>::new();
        let error = Signal::derive(move || save.value().get().and_then(Result::err));
        let of = move |pointer: &'static str| Signal::derive(move || error.get().and_then(|e| e.of_field(pointer)));
        view! {
            <Title text="New product"/>
            <nav class="pt-6 text-sm" aria-label="Breadcrumb"><a class="link" href="/catalog">"Catalogue"</a></nav>
            <h1 class="page-title pt-1 pb-6">"New product"</h1>
            <ActionForm action=save attr:class="grid gap-4 max-w-xl" attr:novalidate="">
                {move || error.get().map(|e| view! { <ErrorNote text=e.everything()/> })}
                <input type="hidden" name="open" value="true"/>
                <TextField name="form[handle]" label="Web address" required=true hint="Small letters, digits and hyphens, such as brass-lantern." error=of("/handle")/>
                <ProductFields product=ProductInput::default() error/>
                <h2 class="font-semibold pt-2">"Its first SKU"</h2>
                <TextField name="form[code]" label="SKU" required=true error=of("/skus/0/code")/>
                <TextField name="form[option_values]" label="Variant" hint="One value for each thing that it varies in." error=of("/skus/0/option_values")/>
                <TextField name="form[gtin]" label="GTIN" error=of("/skus/0/gtin")/>
                <TextField name="form[weight_grams]" label="Weight, grams" kind="number" error=of("/skus/0/weight_grams")/>
                <input type="hidden" name="form[unit]" value="each"/>
                <p><Button pending=save.pending()>"Create the product"</Button></p>
            </ActionForm>
        }
        .into_any()
    }
}
