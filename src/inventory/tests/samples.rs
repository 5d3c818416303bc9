//! Real files of every cloud, where they are at hand, and damage to every shape.

use super::clouds::only;
use super::platforms::STATE;
use super::*;
use crate::resource::key;

/// Every file of the shared data: how many resources it lists, how many of them after the merge, and all tags
/// of those, each counted by hand from the file; none where it is no inventory.
const REAL: &[(&str, usize, usize, usize)] = &[
    ("aws/config-resource-history.json", 1, 1, 2),
    ("azure/vm-list.arm.json", 4, 3, 3),
    ("gcp/cai-export.ndjson", 133, 133, 18),
    ("terraform/aws_db_instance.tfstate", 1, 1, 0),
    ("terraform/aws_ec2_instance.tfstate", 1, 1, 0),
    ("terraform/aws_s3_full.tfstate", 3, 3, 0),
    ("terraform/v4-valid.tfstate", 1, 1, 2),
    ("k8s/opencost-allocation.json", 3, 3, 5),
];

#[test]
fn real_inventories_of_every_cloud_are_read() {
    for (name, count, merged, tags) in REAL {
        let Some(file) = real_of(name) else { continue };
        let found = read(&file).unwrap();
        assert_eq!(found.len(), *count, "{name}");
        let found = merge(found);
        let all: usize = found.iter().map(|one| one.tags.len()).sum();
        assert_eq!((found.len(), all), (*merged, *tags), "{name}");
    }
}

/// Recorded answers of an API stand in a wrapper of the recorder, which no tool prints.
#[test]
fn recorded_answers_are_read_without_their_wrapper() {
    for name in [
        "cai-searchAllResources.json",
        "cai-batchGetAssetsHistory.instance.json",
        "compute-aggregated-instances.json",
    ] {
        let Some(file) = real_of(&format!("gcp/{name}")) else {
            continue;
        };
        let recorded: serde_json::Value =
            serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let found = only(&recorded["body"].to_string());
        assert_eq!(
            key(&found.id),
            "compute.googleapis.com/projects/cloud-custodian/zones/us-central1-a/instances/instance-1"
        );
        assert_eq!(found.region, "us-central1");
    }
}

#[test]
fn real_recommendations_are_no_inventories() {
    for name in [
        "azure/advisor-recommendations.cassette.json",
        "gcp/recommender-disk-idle.json",
        "aws/coh-list-recommendations.ebs.json",
        "aws/coh-list-recommendations.ec2.json",
        "aws/coh-list-recommendations.lambda.json",
    ] {
        let Some(file) = real_of(name) else { continue };
        let error = read(&file).unwrap_err();
        assert_eq!(error.kind(), Kind::Data, "{name}");
        assert!(
            error
                .to_string()
                .contains("no inventory that is known here"),
            "{error}"
        );
    }
}

proptest! {
    #[test]
    fn no_damage_to_any_shape_panics(which in 0_usize..7, at in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let good = [
            STATE,
            r#"{"configurationItems":[{"resourceType":"AWS::EC2::Instance","resourceId":"i-1","tags":{"a":"b"},"configuration":"{\"state\":{\"name\":\"x\"}}"}]}"#,
            r#"{"Count":{},"Resources":[{"Arn":"arn:aws:s3:::x","Properties":[{"Name":"tags","Data":[{"Key":"a"}]}]}]}"#,
            r#"{"count":1,"data":[{"id":"/subscriptions/s","type":"a/disks","properties":{"diskSizeGB":1,"instanceView":{"statuses":[{"code":"PowerState/x"}]}}}]}"#,
            r#"{"name":"//compute.googleapis.com/projects/p/zones/z/disks/d","assetType":"compute.googleapis.com/Disk","resource":{"data":{"users":["x"],"sizeGb":"1"}}}"#,
            r#"{"apiVersion":"v1","items":[{"kind":"Node","metadata":{"name":"n"},"spec":{"providerID":"gce://a/b/c"}}]}"#,
            "id,type,properties,sku,managedBy,tags\n/subscriptions/s/x,a/disks,\"{\"\"a\"\":1}\",x,y,null\n",
        ];
        let mut bytes = good[which].as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        read_everywhere(&bytes);
    }
}
