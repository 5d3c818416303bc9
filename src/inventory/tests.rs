//! Whole files through the front door: recognising, reading, refusing, and no panic on any bytes.

use super::*;
use crate::error::Kind;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write;
use std::path::PathBuf;

mod clouds;
mod platforms;
mod samples;

const MACHINE: &str = r#"{"InstanceId":"i-0ab","InstanceType":"m5.large","State":{"Code":16,"Name":"running"},
  "LaunchTime":"2026-03-04T00:13:36+00:00","PlatformDetails":"Windows","InstanceLifecycle":"spot",
  "Placement":{"AvailabilityZone":"eu-west-1b"},
  "Tags":[{"Key":"Name","Value":"web 1"},{"Key":"aws:autoscaling:groupName","Value":"web"}]}"#;

fn text(text: &str) -> Result<Vec<Resource>> {
    read_text(Path::new("inventory"), text.as_bytes())
}

fn page(machine: &str) -> String {
    format!(r#"{{"Reservations":[{{"OwnerId":"123456789012","Instances":[{machine}]}}]}}"#)
}

/// A real file of AWS, where the shared data is at hand.
fn real(name: &str) -> Option<PathBuf> {
    real_of(&format!("aws/{name}"))
}

fn real_of(name: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/inventory");
    let file = Path::new(root).join(name);
    if !file.exists() {
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: {} is not here", file.display());
        }
        return None;
    }
    Some(file)
}

#[test]
fn a_machine_is_read_in_full() {
    let found = &text(&page(MACHINE)).unwrap()[0];
    assert_eq!(
        (found.id.as_str(), found.sub_account.as_str()),
        ("i-0ab", "123456789012")
    );
    assert_eq!(
        (found.region.as_str(), found.kind.as_str()),
        ("eu-west-1", "ec2:instance")
    );
    assert_eq!(
        (found.name.as_str(), found.group.as_deref()),
        ("web 1", Some("web"))
    );
    assert_eq!(
        (found.state.as_deref(), found.platform.as_deref()),
        (Some("running"), Some("Windows"))
    );
    assert_eq!(
        found.launched.map(|day| day.to_string()).as_deref(),
        Some("2026-03-04")
    );
    assert!(found.spot);
}

#[test]
fn pages_may_be_joined_in_any_way() {
    let page = page(MACHINE);
    let line = page.replace('\n', " ");
    for joined in [
        format!("{page}{page}"),
        format!("{line}\n{line}\n"),
        format!("[{page},\n{page}]"),
    ] {
        assert_eq!(text(&joined).unwrap().len(), 2);
    }
    for queried in [
        format!("[{MACHINE}]"),
        format!("[[{MACHINE}],[]]"),
        MACHINE.to_owned(),
    ] {
        assert_eq!(text(&queried).unwrap()[0].id, "i-0ab");
    }
    let volume = r#"{"Volumes":[{"VolumeId":"vol-1","AvailabilityZone":"us-west-2-lax-1a","State":"available"}]}"#;
    let both = text(&format!("{page}\n{volume}")).unwrap();
    assert_eq!(
        (both[1].kind.as_str(), both[1].region.as_str()),
        ("ec2:volume", "us-west-2")
    );
}

#[test]
fn tagged_resources_are_read_from_their_arns() {
    let found = text(
        r#"{"PaginationToken":"","ResourceTagMappingList":[
        {"ResourceARN":"  arn:aws:ec2:us-east-1:123456789012:instance/i-0AB","Tags":[{"Key":"Team","Value":"web"}]},
        {"ResourceARN":"arn:aws:s3:::logs"}]}"#,
    )
    .unwrap();
    assert_eq!(
        found[0].id,
        "arn:aws:ec2:us-east-1:123456789012:instance/i-0AB"
    );
    assert_eq!(
        (found[0].kind.as_str(), found[0].tags["Team"].as_str()),
        ("ec2:instance", "web")
    );
    assert_eq!(
        (found[1].kind.as_str(), found[1].region.as_str()),
        ("s3:bucket", "")
    );
    assert_eq!(
        (found[1].sub_account.as_str(), found[1].name.as_str()),
        ("", "logs")
    );
}

#[test]
fn a_shape_is_known_by_its_first_bytes() {
    assert_eq!(
        recognise(br#"{"NextToken":"x","Reservations":[{"Own"#),
        Some(Shape::DescribeInstances)
    );
    assert_eq!(recognise(b"\n [ {\"ResourceTagMappingLi"), None);
    assert_eq!(
        recognise(b"\n [ {\"ResourceTagMappingList\":"),
        Some(Shape::TaggingResources)
    );
    assert_eq!(
        recognise(b"resource_id,region\ni-1,"),
        Some(Shape::PlainCsv)
    );
    assert_eq!(recognise(b"resource_id,timestamp,metric,value\n"), None);
    assert!(Shape::all().all(|shape| !shape.name().is_empty()));
}

#[test]
fn what_is_no_inventory_is_refused_with_the_shapes_that_are() {
    for wrong in [
        r#"{"Metrics":[]}"#,
        "[]",
        "{}",
        "hello\n",
        "INSTANCES\t0\tx86_64\n",
    ] {
        let error = text(wrong).unwrap_err();
        assert_eq!(error.kind(), Kind::Data, "{wrong}");
        assert!(error.to_string().contains("describe-instances"), "{error}");
        assert!(error.to_string().contains("--> inventory:1"), "{error}");
    }
}

#[test]
fn a_wrong_page_is_named_by_its_place() {
    let place = |wrong: &str| {
        text(wrong)
            .unwrap_err()
            .place()
            .map(|place| (place.line, place.column))
    };
    assert_eq!(place("{\"Reservations\": [\n  {\"Inst"), Some((2, 8)));
    assert_eq!(
        place("{\"Reservations\": []}\n\n {\"Volumes\": [{}]}"),
        Some((3, 0))
    );
    assert_eq!(
        place("{\"Reservations\": [],\n \"OwnerId\": 12}"),
        Some((2, 14))
    );
    assert_eq!(
        place("{\"ResourceTagMappingList\":\n [{\"ResourceARN\": \"i-1\"}]}"),
        Some((2, 24))
    );
    assert_eq!(place("{\"Reservations\": [}"), Some((1, 19)));
}

#[test]
fn gzip_is_known_by_its_bytes_and_a_cut_one_refused() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(page(MACHINE).as_bytes()).unwrap();
    let bytes = encoder.finish().unwrap();
    let mut file = tempfile::NamedTempFile::with_suffix(".txt").unwrap();
    file.write_all(&bytes).unwrap();
    assert_eq!(read(file.path()).unwrap()[0].id, "i-0ab");
    std::fs::write(file.path(), &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(
        read(file.path()).unwrap_err().what(),
        "the gzip ends in the middle"
    );
    assert_eq!(
        read(Path::new("no/such/file.json")).unwrap_err().kind(),
        Kind::Usage
    );
}

#[test]
fn real_answers_of_every_call_are_read() {
    let counts = [
        ("describe-instances.c7n.json", 13, "ec2:instance"),
        ("describe-instances2.c7n.json", 3, "ec2:instance"),
        ("describe-volumes.c7n.json", 3, "ec2:volume"),
        ("describe-snapshots.c7n.json", 5, "ec2:snapshot"),
        ("describe-addresses.c7n.json", 1, "ec2:elastic-ip"),
        ("describe-nat-gateways.c7n.json", 2, "ec2:natgateway"),
        ("describe-db-instances.c7n.json", 5, "rds:db"),
        (
            "tagging-get-resources.c7n.json",
            21,
            "bedrock:model-invocation-job",
        ),
    ];
    for (name, count, kind) in counts {
        let Some(file) = real(name) else { continue };
        let found = read(&file).unwrap();
        assert_eq!(found.len(), count, "{name}");
        assert!(
            found
                .iter()
                .all(|resource| resource.kind == kind && resource.provider == "AWS"),
            "{name}"
        );
        assert_eq!(merge(found).len(), count, "{name}");
    }
}

#[test]
fn a_real_machine_has_its_facts() {
    let Some(file) = real("describe-instances2.c7n.json") else {
        return;
    };
    let found = read(&file).unwrap();
    let machine = found
        .iter()
        .find(|resource| resource.id == "i-00d3f85ef9622b0e2")
        .unwrap();
    assert_eq!(
        (machine.sub_account.as_str(), machine.region.as_str()),
        ("644160558196", "us-east-2")
    );
    assert_eq!(
        (machine.machine_type.as_deref(), machine.state.as_deref()),
        (Some("t4g.micro"), Some("stopped"))
    );
    assert_eq!(
        (machine.launched, machine.tags.len()),
        ("2025-03-05".parse().ok(), 5)
    );
}

#[test]
fn real_answers_of_other_calls_are_refused() {
    for name in ["get-metric-data.json", "co-get-ec2.json"] {
        let Some(file) = real(name) else { continue };
        assert_eq!(read(&file).unwrap_err().kind(), Kind::Data, "{name}");
    }
    let Some(file) = real("get-metric-statistics.json") else {
        return;
    };
    assert_eq!(metrics::scan(&file).unwrap_err().kind(), Kind::Data);
}

const METRICS: &str = "resource_id,timestamp,metric,value,stat,unit,period\n\
                       i-0ab,2026-03-04T00:00:00Z,CPUUtilization,12.5,Maximum,Percent,300\n\
                       \"i-0,x\",1772583216,NetworkIn,1e6,Sum,Bytes,\n";

/// Both readers over the same bytes, from a file and from memory.
fn read_everywhere(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let _ = read_text(file.path(), bytes).map(merge);
    let _ = read(file.path());
    let _ = metrics::scan(file.path()).map(|scan| metrics::settle(vec![scan]));
    let _ = recognise(bytes);
}

proptest! {
    #[test]
    fn no_bytes_panic_any_reader(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_everywhere(&bytes);
        read_everywhere(&[&[0x1f, 0x8b, 8, 0][..], &bytes].concat());
        read_everywhere(&[b"resource_id,timestamp,metric,value\n", &bytes[..]].concat());
        read_everywhere(&[b"id,name,tags,launched,region\n", &bytes[..]].concat());
    }

    #[test]
    fn no_damage_to_a_good_file_panics_any_reader(
        which in 0_usize..4, at in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let good = [
            page(MACHINE),
            r#"{"ResourceTagMappingList":[{"ResourceARN":"arn:aws:s3:::é","Tags":[{"Key":"a","Value":"b"}]}]}"#.into(),
            METRICS.into(),
            "id,region,tags,launched\narn:aws:rds:us-east-1b:1:db:x,us-é1-a,\"{\"\"a\"\":1}\",2026-03-04\n".into(),
        ];
        let mut bytes = good[which].clone().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        read_everywhere(&bytes);
    }

    #[test]
    fn merging_depends_on_no_order(
        mut listings in proptest::collection::vec(("[aAbB]", "[12]?", "(m5)?", "[xy]"), 0..8), seed in any::<u64>(),
    ) {
        let resources = |listings: &[(String, String, String, String)]| -> Vec<Resource> {
            listings.iter().map(|(id, account, machine, tag)| Resource {
                id: id.clone(),
                sub_account: account.repeat(12),
                machine_type: (!machine.is_empty()).then(|| machine.clone()),
                tags: [(tag.clone(), machine.clone())].into(),
                ..Resource::default()
            }).collect()
        };
        let merged = merge(resources(&listings));
        let turn = usize::try_from(seed % 8).unwrap() % listings.len().max(1);
        listings.rotate_left(turn);
        prop_assert_eq!(&merged, &merge(resources(&listings)));
        listings.reverse();
        prop_assert_eq!(&merged, &merge(resources(&listings)));
    }
}
