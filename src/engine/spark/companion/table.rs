//! Arrow batches as the columns of an answer.

use super::words::{Answer, Column, Kind};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use arrow::record_batch::RecordBatch;
use spark_connect::SparkError;

type Result<T> = std::result::Result<T, SparkError>;

/// All rows, column by column.
pub(crate) fn answer(batches: &[RecordBatch]) -> Result<Answer> {
    let Some(first) = batches.first() else {
        return Ok(Answer::default());
    };
    let mut answer = Answer {
        rows: batches.iter().map(RecordBatch::num_rows).sum(),
        ..Answer::default()
    };
    for (at, field) in first.schema().fields().iter().enumerate() {
        let kind = kind(field.data_type());
        let parts: Vec<ArrayRef> = batches
            .iter()
            .map(|batch| plain(batch.column(at), kind))
            .collect::<Result<_>>()?;
        for part in &parts {
            answer
                .bytes
                .extend((0..part.len()).map(|row| u8::from(part.is_valid(row))));
        }
        match kind {
            Kind::Text => texts(&parts, &mut answer.bytes)?,
            _ => parts
                .iter()
                .for_each(|part| numbers(part, kind, &mut answer.bytes)),
        }
        answer.columns.push(Column {
            name: field.name().clone(),
            kind,
        });
    }
    Ok(answer)
}

/// The first text of the first row.
pub(crate) fn first_text(batches: &[RecordBatch]) -> Option<String> {
    let batch = batches.iter().find(|batch| batch.num_rows() > 0)?;
    let texts = cast(batch.column(0), &DataType::Utf8).ok()?;
    Some(texts.as_string::<i32>().value(0).to_owned())
}

fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Decimal128(_, scale) => Kind::Amount(*scale),
        DataType::Date32 => Kind::Day,
        DataType::Timestamp(..) => Kind::Moment,
        whole if whole.is_integer() || *whole == DataType::Boolean => Kind::Count,
        _ => Kind::Text,
    }
}

/// A column in the one type of its kind.
fn plain(column: &ArrayRef, kind: Kind) -> Result<ArrayRef> {
    let wanted = match kind {
        Kind::Amount(_) => return Ok(column.clone()),
        Kind::Text => DataType::Utf8,
        Kind::Count => DataType::Int64,
        Kind::Day => DataType::Date32,
        Kind::Moment => DataType::Timestamp(TimeUnit::Microsecond, None),
    };
    let cast = cast(column, &wanted);
    cast.map_err(|error| SparkError::connect_msg(format!("an answer cannot be read: {error}")))
}

fn texts(parts: &[ArrayRef], bytes: &mut Vec<u8>) -> Result<()> {
    let too_long = |_| SparkError::connect_msg("a text is longer than 4 GiB");
    for part in parts {
        for text in part.as_string::<i32>() {
            let length = u32::try_from(text.unwrap_or_default().len()).map_err(too_long)?;
            bytes.extend(length.to_le_bytes());
        }
    }
    let all = parts.iter().flat_map(AsArray::as_string::<i32>);
    all.flatten().for_each(|text| bytes.extend(text.as_bytes()));
    Ok(())
}

fn numbers(part: &ArrayRef, kind: Kind, bytes: &mut Vec<u8>) {
    match kind {
        Kind::Amount(_) => part
            .as_primitive::<Decimal128Type>()
            .iter()
            .for_each(|units| bytes.extend(units.unwrap_or_default().to_le_bytes())),
        Kind::Day => part
            .as_primitive::<Date32Type>()
            .iter()
            .for_each(|day| bytes.extend(day.unwrap_or_default().to_le_bytes())),
        Kind::Moment => part
            .as_primitive::<TimestampMicrosecondType>()
            .iter()
            .for_each(|at| bytes.extend(at.unwrap_or_default().to_le_bytes())),
        Kind::Count | Kind::Text => part
            .as_primitive::<Int64Type>()
            .iter()
            .for_each(|count| bytes.extend(count.unwrap_or_default().to_le_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Decimal128Array, Int32Array, StringArray};
    use std::sync::Arc;

    #[test]
    fn columns_are_written_one_after_the_other() {
        let amounts = Decimal128Array::from(vec![Some(5), None]).with_precision_and_scale(36, 12);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("Name", Arc::new(StringArray::from(vec![None, Some("S3")]))),
            ("Cost", Arc::new(amounts.expect("36 digits are allowed"))),
            ("Day", Arc::new(Int32Array::from(vec![7, 8]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
        let answer = answer(&[batch]).expect("an answer");
        let kinds: Vec<Kind> = answer.columns.iter().map(|column| column.kind).collect();
        assert_eq!(kinds, [Kind::Text, Kind::Amount(12), Kind::Count]);
        let text = [vec![0, 1], vec![0, 0, 0, 0, 2, 0, 0, 0], b"S3".to_vec()].concat();
        assert_eq!(answer.bytes[..text.len()], text);
        assert_eq!(answer.bytes[text.len()..text.len() + 3], [1, 0, 5]);
        assert_eq!(answer.bytes.len(), text.len() + (2 + 32) + (2 + 16));
    }

    #[test]
    fn an_answer_without_rows_has_no_bytes() {
        assert_eq!(
            answer(&[])
                .map(|answer| (answer.rows, answer.bytes.len()))
                .ok(),
            Some((0, 0))
        );
    }
}
