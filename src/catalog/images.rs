//! Pictures of products: taken in as they come from a camera, kept in the two sizes in which they are shown.

use super::views::ImageView;
use crate::events::{self, Change, EventDetails, EventKind, NewEvent, StreamKind};
use crate::identity::{Act, Permission};
use crate::ids::{ImageId, ProductId};
use crate::refusal::{Refusal, Result};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, Rgb, RgbImage};
use sqlx::PgConnection;
use std::io::Cursor;

/// A larger file is refused.
const LARGEST_IMAGE: usize = 16 * 1024 * 1024;
/// Pixels to a side, of a picture in a list.
const SMALL: u32 = 480;
/// Pixels to a side, of a picture on its own.
const LARGE: u32 = 1_200;
/// Pixels to a side of what is taken in, so that a small file cannot ask for much memory.
const WIDEST: u32 = 12_000;
/// Of what is taken in: unpacked, it takes eight bytes for each at most.
const MOST_PIXELS: u64 = 50_000_000;
const MOST_IMAGES: i64 = 12;
const LONGEST_DESCRIPTION: usize = 300;
/// Of 100; beyond it files grow faster than pictures gain.
const QUALITY: u8 = 82;

/// A picture as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: i32,
    height: i32,
    small: Vec<u8>,
    large: Vec<u8>,
}

/// Which of a picture's files is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageSize {
    Small,
    Large,
}

/// Reads a JPEG, PNG or WebP file, turns it upright, and makes it ready to be kept. Nothing but the pixels stays: where and when it was taken does not.
/// It takes up to a second of a processor: not for a thread that answers others meanwhile.
pub fn read_picture(file: &[u8]) -> Result<Picture, Refusal> {
    let wrong = |message: &str| Refusal::field("/file", message.to_owned());
    if file.is_empty() {
        return Err(wrong("Choose a picture first."));
    }
    if file.len() > LARGEST_IMAGE {
        return Err(wrong("A picture has at most 16 MB. Make it smaller, and try again."));
    }
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format().map_err(|_| wrong("The picture could not be read. Try again."))?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(WIDEST);
    limits.max_image_height = Some(WIDEST);
    reader.limits(limits);
    let unreadable = |_| wrong("This is no JPEG, PNG or WebP picture of at most 12,000 pixels to a side. Save it as one of these, and try again.");
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(wrong("A picture has at most 50 million pixels. Make it smaller, and try again."));
    }
    let orientation = decoder.orientation().map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    let picture = on_white(picture);
    let large = shrunk(&picture, LARGE);
    let sides = (large.width(), large.height());
    Ok(Picture {
        width: i32::try_from(sides.0).unwrap_or(i32::MAX),
        height: i32::try_from(sides.1).unwrap_or(i32::MAX),
        small: jpeg(&shrunk(&large, SMALL)).map_err(unreadable)?,
        large: jpeg(&large).map_err(unreadable)?,
    })
}

/// JPEG knows no transparency: what shines through is paper.
fn on_white(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return DynamicImage::ImageRgb8(picture.into_rgb8());
    }
    let rgba = picture.into_rgba8();
    let mut flat = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in flat.pixels_mut().zip(rgba.pixels()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        let over = |part: u32| u8::try_from((part * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX);
        *to = Rgb([over(red), over(green), over(blue)]);
    }
    DynamicImage::ImageRgb8(flat)
}

fn shrunk(picture: &DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side { picture.clone() } else { picture.resize(side, side, FilterType::Lanczos3) }
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, image::ImageError> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY))?;
    Ok(bytes)
}

/// Adds a picture to a product, after those that it has. The caller chooses the id.
pub async fn add_image(conn: &mut PgConnection, act: &Act, handle: &str, id: ImageId, description: &str, picture: &Picture) -> Result<()> {
    let product = lock_product(conn, act, handle).await?;
    let description = checked(description)?;
    let before = count(conn, product).await?;
    if before >= MOST_IMAGES {
        return Err(Refusal::field("/file", "A product has at most 12 pictures. Remove one first.").into());
    }
    sqlx::query!(
        "insert into product_images (image_id, product_id, description, position, width, height, small, large, added_at)
        values ($1, $2, $3, (select coalesce(max(position), 0) + 1 from product_images where product_id = $2), $4, $5, $6, $7, $8)",
        id.0,
        product.0,
        description,
        picture.width,
        picture.height,
        &picture.small,
        &picture.large,
        act.now
    )
    .execute(&mut *conn)
    .await?;
    record(conn, act, product, vec![counted(before, before + 1)]).await
}

/// Says what a picture shows, and whether it comes first. Nothing happens where it is so already.
pub async fn change_image(conn: &mut PgConnection, act: &Act, handle: &str, id: ImageId, description: &str, first: bool) -> Result<()> {
    let product = lock_product(conn, act, handle).await?;
    let description = checked(description)?;
    let images = images_of(conn, product).await?;
    let at = images.iter().position(|i| i.id == id).ok_or_else(|| Refusal::not_found("such picture of this product"))?;
    let mut changes = Vec::new();
    if images[at].description != description {
        sqlx::query!("update product_images set description = $2 where image_id = $1", id.0, description).execute(&mut *conn).await?;
        changes.push(Change { field: format!("picture {}", at + 1), before: images[at].description.clone(), after: description.to_owned() });
    }
    if first && at > 0 {
        sqlx::query!(
            "update product_images i
            set position = w.position
            from (
                select image_id, row_number() over (order by image_id <> $2, position)::integer as position from product_images where product_id = $1
            ) w
            where i.image_id = w.image_id",
            product.0,
            id.0
        )
        .execute(&mut *conn)
        .await?;
        changes.push(Change { field: "first picture".to_owned(), before: images[0].description.clone(), after: description.to_owned() });
    }
    if changes.is_empty() { Ok(()) } else { record(conn, act, product, changes).await }
}

/// Takes a picture away. Nothing happens where it is gone already.
pub async fn remove_image(conn: &mut PgConnection, act: &Act, handle: &str, id: ImageId) -> Result<()> {
    let product = lock_product(conn, act, handle).await?;
    let before = count(conn, product).await?;
    let removed = sqlx::query!("delete from product_images where product_id = $1 and image_id = $2", product.0, id.0).execute(&mut *conn).await?;
    if removed.rows_affected() == 0 {
        return Ok(());
    }
    record(conn, act, product, vec![counted(before, before - 1)]).await
}

/// A picture's file. Whoever knows its id may see it: products are shown to everybody.
pub async fn image_file(conn: &mut PgConnection, id: ImageId, size: ImageSize) -> Result<Vec<u8>> {
    let large = size == ImageSize::Large;
    sqlx::query_scalar!(r#"select case when $2 then large else small end as "file!" from product_images where image_id = $1"#, id.0, large)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found("such picture").into())
}

/// The pictures of a product, the first one first.
pub(super) async fn images_of(conn: &mut PgConnection, product: ProductId) -> Result<Vec<ImageView>> {
    Ok(sqlx::query_as!(
        ImageView,
        r#"select image_id as "id: ImageId", description, width, height from product_images where product_id = $1 order by position"#,
        product.0
    )
    .fetch_all(conn)
    .await?)
}

async fn lock_product(conn: &mut PgConnection, act: &Act, handle: &str) -> Result<ProductId> {
    act.require(Permission::ManageCatalog)?;
    sqlx::query_scalar!(r#"select product_id as "id: ProductId" from products where handle = $1 for update"#, handle)
        .fetch_optional(conn)
        .await?
        .ok_or_else(|| Refusal::not_found(format_args!("product {handle}")).into())
}

async fn count(conn: &mut PgConnection, product: ProductId) -> Result<i64> {
    Ok(sqlx::query_scalar!(r#"select count(*) as "count!" from product_images where product_id = $1"#, product.0).fetch_one(conn).await?)
}

fn checked(description: &str) -> Result<&str, Refusal> {
    let text = description.trim();
    match text.chars().count() {
        1..=LONGEST_DESCRIPTION => Ok(text),
        _ => Err(Refusal::field("/description", "Say in 1 to 300 characters what the picture shows, for those who do not see it.")),
    }
}

fn counted(before: i64, after: i64) -> Change {
    let words = |n: i64| if n == 1 { "one picture".to_owned() } else { format!("{n} pictures") };
    Change { field: "pictures".to_owned(), before: words(before), after: words(after) }
}

async fn record(conn: &mut PgConnection, act: &Act, product: ProductId, changes: Vec<Change>) -> Result<()> {
    let details = EventDetails { changes, ..EventDetails::default() };
    events::append(conn, act, StreamKind::Product, product.0, vec![NewEvent { kind: EventKind::ProductSaved, details }]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::RefusalCode;
    use image::{GrayImage, ImageFormat, Rgba, RgbaImage};

    fn png(width: u32, height: u32, pixel: Rgba<u8>) -> Vec<u8> {
        let mut bytes = Vec::new();
        RgbaImage::from_pixel(width, height, pixel).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn a_picture_is_kept_in_two_sizes_and_never_enlarged() {
        let picture = read_picture(&png(2_400, 1_200, Rgba([10, 120, 60, 255]))).unwrap();
        assert_eq!((picture.width, picture.height), (1_200, 600));
        let small = image::load_from_memory(&picture.small).unwrap();
        assert_eq!((small.width(), small.height()), (480, 240));
        let tiny = read_picture(&png(40, 30, Rgba([10, 120, 60, 255]))).unwrap();
        assert_eq!((tiny.width, tiny.height), (40, 30));
    }

    #[test]
    fn what_shines_through_is_white() {
        let picture = read_picture(&png(20, 20, Rgba([0, 0, 0, 0]))).unwrap();
        let large = image::load_from_memory(&picture.large).unwrap().to_rgb8();
        assert!(large.pixels().all(|p| p.0.iter().all(|part| *part > 250)));
    }

    #[test]
    fn a_picture_stands_upright_and_says_nothing_of_where_it_was_taken() {
        // A JPEG that a camera held on its side has written: 30 by 20 pixels, “turn me by 90 degrees”.
        let mut plain = Vec::new();
        RgbImage::from_pixel(30, 20, Rgb([200, 40, 40])).write_to(&mut Cursor::new(&mut plain), ImageFormat::Jpeg).unwrap();
        let exif: &[u8] = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let turned = [&plain[..2], exif, &plain[2..]].concat();
        let picture = read_picture(&turned).unwrap();
        assert_eq!((picture.width, picture.height), (20, 30));
        assert!(!picture.large.windows(4).any(|w| w == b"Exif"));
    }

    #[test]
    fn what_is_no_picture_is_refused_with_what_to_do() {
        for bad in [&b""[..], b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", &png(30, 20, Rgba([1, 2, 3, 255]))[..40]] {
            let refusal = read_picture(bad).unwrap_err();
            assert_eq!(refusal.code, RefusalCode::Invalid);
            assert_eq!(refusal.fields[0].field, "/file");
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        // Sound pictures of one grey, whose files are small and whose pixels are not.
        let flat = |width: u32, height: u32| {
            let mut bytes = Vec::new();
            GrayImage::new(width, height).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
            read_picture(&bytes).map(|picture| (picture.width, picture.height)).map_err(|refusal| refusal.fields[0].message.clone())
        };
        assert_eq!(flat(12_000, 10), Ok((1_200, 1)));
        assert!(flat(12_001, 10).unwrap_err().contains("at most 12,000 pixels to a side"));
        assert!(flat(10_000, 5_001).unwrap_err().contains("at most 50 million pixels"));
    }
}
