use crate::error::ApiError;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use waybill::catalog::views::{ProductRecord, ProductRow};
use waybill::customers::views::CustomerGroup;
use waybill::page::Page;

/// Products by name, whether they are on sale or not.
#[server]
pub async fn list_catalog(#[server(default)] search: String, #[server(default)] after: String) -> Result<Page<ProductRow>, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let some = |text: &String| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let (search, after) = (some(&search), some(&after));
    Ok(waybill::catalog::list_catalog(&mut *services.pool.acquire().await?, &act, search.as_deref(), after.as_deref()).await?)
}

/// A product, and what its prices can be for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductChoices {
    pub record: ProductRecord,
    /// (name in orders, name for people)
    pub channels: Vec<(String, String)>,
    pub customer_groups: Vec<CustomerGroup>,
}

#[server]
pub async fn read_product(handle: String) -> Result<ProductChoices, ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let mut conn = services.pool.acquire().await?;
    let record = waybill::catalog::product_record(&mut conn, &act, &handle).await?;
    let channels = waybill::inventory::rules::list_channels(&mut conn, &act).await?;
    let customer_groups = waybill::customers::list_customer_groups(&mut conn, &act).await?;
    Ok(ProductChoices { record, channels: channels.into_iter().map(|c| (c.channel, c.name)).collect(), customer_groups })
}

/// A product with one of its variants, as a form sends it: numbers are text, since a field may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProductForm {
    pub handle: String,
    pub name: String,
    pub description: String,
    pub category: String,
    /// With commas between them.
    pub options: String,
    /// Empty where only the product is changed.
    pub code: String,
    pub sku_name: String,
    pub option_values: String,
    pub gtin: String,
    pub weight_grams: String,
    pub tax_percent: String,
    pub unit: String,
    pub length_mm: String,
    pub width_mm: String,
    pub height_mm: String,
    pub personalisation_max: String,
    pub retired: bool,
    /// Empty where it is a thing.
    pub skill: String,
    pub brand: String,
    pub tags: String,
    pub hazardous: bool,
    pub perishable: bool,
    pub two_person: bool,
    pub fragile: bool,
    /// With commas between them.
    pub substitutes: String,
}

#[cfg(feature = "ssr")]
impl ProductForm {
    fn read(self) -> Result<(String, waybill::catalog::ProductInput), waybill::refusal::Refusal> {
        use waybill::catalog::{Handling, ProductInput, SkuInput};
        use waybill::refusal::{FieldProblem, Refusal};
        let list = |text: &str| text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let mut problems = Vec::new();
        let mut number = |field: &str, text: &str| match text.trim() {
            "" => None,
            text => text.parse::<i32>().map_or_else(
                |_| {
                    problems.push(FieldProblem { field: format!("/skus/0/{field}"), message: "Write a whole number.".to_owned() });
                    None
                },
                Some,
            ),
        };
        let sides = [number("length_mm", &self.length_mm), number("width_mm", &self.width_mm), number("height_mm", &self.height_mm)];
        let personalisation_max = number("personalisation_max", &self.personalisation_max);
        let weight_grams = number("weight_grams", &self.weight_grams).unwrap_or(0);
        let percent = match self.tax_percent.trim() {
            "" => Some(20.0),
            text => text.parse::<f64>().ok().filter(|p| (0.0..=100.0).contains(p)),
        };
        if percent.is_none() {
            problems.push(FieldProblem { field: "/skus/0/tax_rate_bp".to_owned(), message: "A tax rate is 0 to 100 %.".to_owned() });
        }
        if !problems.is_empty() {
            return Err(Refusal::invalid(problems));
        }
        let sku = SkuInput {
            name: if self.sku_name.trim().is_empty() { self.name.clone() } else { self.sku_name },
            option_values: list(&self.option_values),
            gtin: self.gtin,
            weight_grams,
            tax_rate_bp: (percent.unwrap_or_default() * 100.0).round() as i32,
            unit: self.unit,
            length_mm: sides[0],
            width_mm: sides[1],
            height_mm: sides[2],
            personalisation_max,
            retired: self.retired,
            skill: self.skill.trim().to_owned(),
            handling: Handling::ALL
                .iter()
                .zip([self.hazardous, self.perishable, self.two_person, self.fragile])
                .filter(|(_, is)| *is)
                .map(|(h, _)| h.to_string())
                .collect(),
            substitutes: list(&self.substitutes),
            code: self.code,
        };
        let skus = if sku.code.trim().is_empty() { Vec::new() } else { vec![sku] };
        let options = list(&self.options);
        let product = ProductInput {
            name: self.name,
            description: self.description,
            category: self.category,
            brand: self.brand,
            tags: list(&self.tags),
            options,
            skus,
        };
        Ok((self.handle.trim().to_owned(), product))
    }
}

/// Makes a product, or changes it and one of its variants. `open` goes to its page.
#[server]
pub async fn save_product(form: ProductForm, #[server(default)] open: bool) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let (handle, new) = form.read()?;
    waybill::transact!(services.pool, conn => {
        if open {
            waybill::catalog::require_free_handle(conn, &handle).await?;
        }
        waybill::catalog::save_product(conn, &act, &handle, &new).await
    })?;
    if open {
        crate::ctx::redirect(&format!("/catalog/{handle}"));
    }
    Ok(())
}

#[server]
pub async fn set_price(
    sku: String,
    channel: String,
    #[server(default)] customer_group: String,
    #[server(default)] price: String,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let new = waybill::catalog::NewPrice { sku, channel, customer_group, price };
    waybill::transact!(services.pool, conn => waybill::catalog::set_price(conn, &act, &new).await)?;
    Ok(())
}

/// Says what a kit is made of: one code a line, or a code and how many.
#[server]
pub async fn set_kit(sku: String, #[server(default)] parts: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let parts = waybill::inventory::scans::read_scans("/components", &parts, 1).map_err(waybill::refusal::Refusal::invalid)?;
    waybill::transact!(services.pool, conn => waybill::catalog::set_kit(conn, &act, &sku, &parts).await)?;
    Ok(())
}

/// Says what a picture of a product shows; `first` puts it before the others.
#[server]
pub async fn change_image(
    handle: String,
    id: String,
    #[server(default)] description: String,
    #[server(default)] first: bool,
) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = known(&id)?;
    waybill::transact!(services.pool, conn => waybill::catalog::change_image(conn, &act, &handle, id, &description, first).await)?;
    Ok(())
}

#[server]
pub async fn remove_image(handle: String, id: String) -> Result<(), ApiError> {
    let (services, act) = (crate::ctx::services(), crate::ctx::act());
    let id = known(&id)?;
    waybill::transact!(services.pool, conn => waybill::catalog::remove_image(conn, &act, &handle, id).await)?;
    Ok(())
}

#[cfg(feature = "ssr")]
fn known(id: &str) -> Result<waybill::ids::ImageId, ApiError> {
    Ok(id.parse().map_err(|_| waybill::refusal::Refusal::not_found("such picture"))?)
}
