use super::*;
use crate::error::Kind;
use crate::resource::{Pricing, Step};
use proptest::prelude::*;

const HUB: &str = r#"{"items": [
    {"accountId": "1", "actionType": "Rightsize", "currencyCode": "USD", "currentResourceSummary": "m5a.xlarge",
     "estimatedMonthlySavings": 43.07, "recommendationLookbackPeriodInDays": 14, "recommendedResourceSummary": "r5a.large",
     "resourceArn": "arn:aws:ec2:us-east-2:1:instance/i-0c", "resourceId": "i-0c", "source": "ComputeOptimizer"},
    {"actionType": "PurchaseSavingsPlans", "estimatedMonthlySavings": 900, "resourceId": ""}
]}"#;
const ADVISOR: &str = r#"[
    {"category": "Cost", "impactedField": "Microsoft.Compute/virtualMachines", "impactedValue": "web",
     "id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/virtualMachines/web/providers/Microsoft.Advisor/recommendations/1",
     "shortDescription": {"problem": "Right-size or shutdown underutilized virtual machines"},
     "extendedProperties": {"currentSku": "Standard_D4s_v3", "targetSku": "Standard_D2s_v3", "annualSavingsAmount": "817",
       "savingsAmount": "68", "savingsCurrency": "EUR", "lookbackPeriod": "7"}},
    {"category": "Cost", "recommendationTypeId": "2", "shortDescription": {"problem": "Consider virtual machine reserved instance"},
     "resourceMetadata": {"resourceId": "/subscriptions/s"}, "extendedProperties": {"term": "P3Y", "savingsAmount": "1"}},
    {"category": "Security", "recommendationTypeId": "3", "resourceMetadata": {"resourceId": "/subscriptions/s/x/y"}}
]"#;
const GOOGLE: &str = r#"[
    {"name": "projects/p/locations/z/recommenders/google.compute.instance.MachineTypeRecommender/recommendations/1",
     "description": "Save cost by changing machine type", "recommenderSubtype": "CHANGE_MACHINE_TYPE",
     "primaryImpact": {"category": "COST", "costProjection": {"cost": {"currencyCode": "USD", "units": "-72", "nanos": -720000000}, "duration": "2592000s"}},
     "content": {"operationGroups": [{"operations": [
       {"action": "test", "resource": "//compute.googleapis.com/projects/p/zones/z/instances/web", "path": "/machineType"},
       {"action": "replace", "resource": "//compute.googleapis.com/projects/p/zones/z/instances/web", "path": "/machineType", "value": "zones/z/machineTypes/n2-standard-4"}]}]},
     "stateInfo": {"state": "ACTIVE"}},
    {"recommenderSubtype": "SNAPSHOT_AND_DELETE_DISK", "primaryImpact": {"category": "COST"}, "stateInfo": {"state": "ACTIVE"},
     "content": {"operationGroups": [{"operations": [
       {"action": "add", "resource": "//compute.googleapis.com/projects/p/global/snapshots/$name", "value": {"name": "$name"}},
       {"action": "remove", "resource": "//compute.googleapis.com/projects/p/zones/z/disks/disk-1"}]}]}},
    {"recommenderSubtype": "STOP_VM", "primaryImpact": {"category": "COST"}, "stateInfo": {"state": "DISMISSED"}}
]"#;
const OPTIMIZER: &str = "accountId,instanceArn,finding,lookBackPeriodInDays,currentInstanceType,utilizationMetrics_CPU_MAXIMUM,\
    utilizationMetrics_MEMORY_MAXIMUM,recommendationOptions_1_instanceType,recommendationOptions_1_estimatedMonthlySavings_value,\
    recommendationOptions_1_estimatedMonthlySavings_currency,recommendationOptions_1_estimatedMonthlySavingsAfterDiscounts_value,errorMessage\n\
    1,arn:aws:ec2:eu-west-1:1:instance/i-1,OVER_PROVISIONED,14.0,m5.xlarge,21,40,m5.large,70.08,USD,51.5,\n\
    1,arn:aws:ec2:eu-west-1:1:instance/i-2,UNDER_PROVISIONED,14.0,m5.xlarge,99,,m5.2xlarge,-140,USD,,\n\
    1,arn:aws:ec2:eu-west-1:1:instance/i-3,OPTIMIZED,14.0,m5.xlarge,60,,m6i.xlarge,3,USD,,\n\
    1,arn:aws:ec2:eu-west-1:1:instance/i-4,,,m5.xlarge,,,,,,,too little data\n";
const PAGE: &str = "Category,Recommendation,Business Impact,Subscription ID,Resource Group,Resource Name,Resource Type,Potential Annual Cost Savings,Currency\n\
    Cost,You have disks which have not been attached to a VM,Medium,s,r,old,Microsoft.Compute/disks,120,USD\n\
    Security,Enable MFA,High,s,,,,,\n";

fn told(source: Recommender, text: &str) -> Result<Advised> {
    read_text(source, Path::new("list"), text.as_bytes())
}

fn money(text: &str) -> Option<Money> {
    Money::parse(text.as_bytes()).ok()
}

#[test]
fn the_hub_names_actions_types_and_days() {
    let hub = told(Recommender::CostOptimizationHub, HUB).unwrap();
    let one = &hub.entries[0];
    assert_eq!(
        (one.step, one.target.as_str(), one.lookback_days),
        (Step::Resize, "r5a.large", Some(14))
    );
    assert_eq!(
        (one.monthly_savings, one.pricing),
        (money("43.07"), Pricing::Unstated)
    );
    assert_eq!(hub.aside, BTreeMap::from([(COMMITMENTS, 1)]));
}

#[test]
fn advisors_amounts_are_texts_of_a_year() {
    let advisor = told(Recommender::Advisor, ADVISOR).unwrap();
    let one = &advisor.entries[0];
    assert!(
        one.resource.ends_with("/virtualMachines/web"),
        "{}",
        one.resource
    );
    assert_eq!(
        (one.step, one.target.as_str(), one.currency.as_str()),
        (Step::Resize, "Standard_D2s_v3", "EUR")
    );
    assert_eq!(one.monthly_savings, money("68.083333333333"));
    assert_eq!(
        advisor.aside,
        BTreeMap::from([(COMMITMENTS, 1), (NOT_COST, 1)])
    );
    let stop = ADVISOR.replace("Standard_D2s_v3", "Shutdown");
    let one = &told(Recommender::Advisor, &stop).unwrap().entries[0];
    assert_eq!((one.step, one.target.as_str()), (Step::Stop, ""));
}

#[test]
fn the_apis_page_and_the_consoles_table_read_the_same() {
    let nested = r#"{"value": [{"id": "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/disks/old/providers/Microsoft.Advisor/recommendations/1",
        "properties": {"category": "Cost", "recommendationTypeId": "4", "shortDescription": {"problem": "You have disks which have not been attached to a VM"},
        "extendedProperties": {"annualSavingsAmount": 120, "savingsCurrency": "usd"}}}]}"#;
    let page = told(Recommender::Advisor, PAGE).unwrap();
    assert_eq!(
        told(Recommender::Advisor, nested).unwrap().entries,
        page.entries
    );
    assert_eq!(
        (page.entries[0].step, page.entries[0].monthly_savings),
        (Step::Delete, money("10"))
    );
}

#[test]
fn googles_cost_below_zero_is_a_saving_per_month_of_730_hours() {
    let google = told(Recommender::GcpRecommender, GOOGLE).unwrap();
    let one = &google.entries[0];
    assert_eq!(
        (one.step, one.target.as_str()),
        (Step::Resize, "n2-standard-4")
    );
    assert_eq!(one.monthly_savings, money("73.73"));
    let disk = &google.entries[1];
    assert_eq!((disk.step, disk.monthly_savings), (Step::Delete, None));
    assert!(disk.resource.ends_with("/disks/disk-1"));
    assert_eq!(google.aside, BTreeMap::from([(CLOSED, 1)]));
    let grows = GOOGLE.replace("\"-72\", \"nanos\": -720000000", "\"72\"");
    let one = &told(Recommender::GcpRecommender, &grows).unwrap().entries[0];
    assert_eq!(
        (one.step, one.monthly_savings),
        (Step::Enlarge, money("-73"))
    );
}

#[test]
fn the_optimizers_saving_after_discounts_goes_first() {
    let list = told(Recommender::ComputeOptimizer, OPTIMIZER)
        .unwrap()
        .entries;
    let steps: Vec<Step> = list.iter().map(|one| one.step).collect();
    assert_eq!(
        steps,
        [Step::Resize, Step::Enlarge, Step::Nothing, Step::Nothing]
    );
    assert_eq!(
        (list[0].monthly_savings, list[0].pricing),
        (money("51.5"), Pricing::Discounted)
    );
    assert_eq!(
        (list[1].monthly_savings, list[1].pricing),
        (money("-140"), Pricing::List)
    );
    let memory: Vec<Option<bool>> = list.iter().map(|one| one.memory).collect();
    assert_eq!(memory, [Some(true), Some(false), Some(false), None]);
    assert_eq!(
        (list[2].target.as_str(), list[3].words.as_str()),
        ("", "no judgement: too little data")
    );
}

#[test]
fn a_file_of_another_tool_is_refused_by_its_name() {
    let said = |source, text| {
        let error = told(source, text).unwrap_err();
        assert_eq!(error.kind(), Kind::Data);
        error.what().to_owned()
    };
    assert_eq!(
        said(Recommender::ComputeOptimizer, HUB),
        "this is no list of Compute Optimizer but a list of Cost Optimization Hub"
    );
    assert_eq!(
        said(Recommender::Advisor, GOOGLE),
        "this is no list of Azure Advisor but a list of GCP Recommender"
    );
    assert_eq!(
        said(Recommender::GcpRecommender, OPTIMIZER),
        "this is no list of GCP Recommender but a table of Compute Optimizer"
    );
    assert_eq!(
        said(Recommender::CostOptimizationHub, PAGE),
        "this is no list of Cost Optimization Hub but a table of Azure Advisor"
    );
    let answer = r#"{"instanceRecommendations": [], "errors": []}"#;
    assert_eq!(
        said(Recommender::ComputeOptimizer, answer),
        "this is no list of Compute Optimizer but an answer of Compute Optimizer's API, not its export"
    );
    let machines = r#"{"Reservations": [{"Instances": []}]}"#;
    assert!(said(Recommender::Advisor, machines).contains("an inventory"));
    assert!(said(Recommender::Advisor, "a,b\n1,2\n").ends_with("a text that starts with \"a,b\""));
}

#[test]
fn wrong_amounts_are_named_and_empty_lists_are_lists() {
    let broken = HUB.replace("43.07", "\"much\"");
    let error = told(Recommender::CostOptimizationHub, &broken).unwrap_err();
    assert_eq!(
        error.what(),
        "`estimatedMonthlySavings`: \"much\" is no amount (arn:aws:ec2:us-east-2:1:instance/i-0c)"
    );
    let broken = PAGE.replace(",120,", ",\"1,200\",");
    let error = told(Recommender::Advisor, &broken).unwrap_err();
    assert_eq!(
        error.place().map(|place| (place.line, place.column)),
        Some((2, 8))
    );
    for (source, text) in [
        (Recommender::CostOptimizationHub, "{\"items\": []}"),
        (Recommender::GcpRecommender, "[]"),
    ] {
        assert_eq!(told(source, text).unwrap(), Advised::default());
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "[\\[\\]{}\":,a-z0-9.$/-]{0,80}", which in 0usize..4, cut in 0usize..2000) {
        let sources = [Recommender::ComputeOptimizer, Recommender::CostOptimizationHub, Recommender::Advisor, Recommender::GcpRecommender];
        let whole = [OPTIMIZER, HUB, ADVISOR, GOOGLE][which];
        let at = cut.min(whole.len());
        let mixed = format!("{}{text}{}", &whole[..at], &whole[at..]);
        for text in [text.as_str(), &whole[..at], &mixed] {
            let _ = told(sources[which], text);
        }
    }
}
